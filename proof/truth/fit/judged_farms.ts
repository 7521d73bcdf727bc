/** Recorded and simulated farms with every silence that was judged without identity, and whether it was a start. */
import type { Judged } from '../../../src/detect/recycle/cold_starts.ts'
import { dayMs } from '../../../src/runtime/duration.ts'
import { inForm, scenarioNames } from '../jobs.ts'
import { overlap } from '../scores/windows.ts'
import { recordingsIn } from '../zoo/recording/corpus.ts'
import { replay } from '../zoo/recording/replay.ts'
import { withoutIdentity } from '../zoo/recording/without_identity.ts'
import { goneMs } from '../zoo/score/recycles.ts'
import { isScored, type ScoredFarm } from '../zoo/score/scored_farm.ts'
import { watchSimulated } from '../zoo/score/simulated_farm.ts'
import { ofKind } from '../zoo/truth/vocabulary.ts'

export interface JudgedFarm extends ScoredFarm {
  readonly judged: readonly (Judged & { readonly isStart: boolean })[]
}

/** The times of two logs may differ by this. */
const slackMs = 250
/** Of each simulated scenario so much is watched. */
const simulatedMs = dayMs / 4

export async function recordedFarms(folder: string): Promise<JudgedFarm[]> {
  const farms: JudgedFarm[] = []
  for (const recorded of recordingsIn(folder)) {
    const recording = withoutIdentity(recorded)
    const judged: Judged[] = []
    const events = await replay(recording, (each) => judged.push(each))
    farms.push(withTruth({ recording, events }, judged))
  }
  return farms
}

export async function simulatedFarms(seed: number): Promise<JudgedFarm[]> {
  const farms: JudgedFarm[] = []
  for (const name of scenarioNames) {
    const judged: Judged[] = []
    const scenario = inForm(name, 'without')
    farms.push(
      withTruth(await watchSimulated(scenario, seed, simulatedMs, (each) => judged.push(each)), judged),
    )
  }
  return farms
}

function withTruth(farm: ScoredFarm, judged: readonly Judged[]): JudgedFarm {
  const starts = ofKind(farm.recording.truth, 'recycle')
  return {
    ...farm,
    judged: judged
      .filter(({ fromMs }) => isScored(farm, fromMs))
      .map((silence) => ({
        ...silence,
        isStart: starts.some(
          (start) =>
            start.node === silence.node &&
            overlap(silence, {
              fromMs: goneMs(start) - slackMs,
              toMs: Math.max(start.warmMs, start.drainedMs) + slackMs,
            }),
        ),
      })),
  }
}
