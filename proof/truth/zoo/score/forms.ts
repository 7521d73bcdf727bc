/** The scores of a farm in both forms: with the identity that its application shows, and without it. */
import type { FarmEvent } from '../../../../src/model/event.ts'
import type { Recording } from '../recording/recording.ts'
import { replay } from '../recording/replay.ts'
import { withoutIdentity } from '../recording/without_identity.ts'
import { type Score, scoreFarm } from './score.ts'

export interface FormScore {
  readonly recording: Recording
  readonly score: Score
}

/** `events` are what was concluded as it was recorded; without identity the outcomes are replayed. */
export async function scoreForms(recording: Recording, events: readonly FarmEvent[]): Promise<FormScore[]> {
  const own = { recording, score: scoreFarm({ recording, events }) }
  if (!recording.identity) return [own]
  const unnamed = withoutIdentity(recording)
  return [
    own,
    { recording: unnamed, score: scoreFarm({ recording: unnamed, events: await replay(unnamed) }) },
  ]
}
