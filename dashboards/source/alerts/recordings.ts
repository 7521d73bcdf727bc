/** What is recorded, and how often. Every alert but those on farmprobe itself looks at recordings. */
import type { Recording } from './alert.ts'
import { budgetRecordings } from './recordings_budget.ts'
import { findings, quickFindings } from './recordings_findings.ts'
import { minutes, quickSums } from './recordings_minutes.ts'

export interface RecordingGroup {
  readonly name: string
  readonly interval: string
  readonly rules: readonly Recording[]
}

/** The intervals divide a minute, so that minutes add up without gap or overlap. */
export const recordingGroups: readonly RecordingGroup[] = [
  { name: 'farmprobe quick recordings', interval: '5s', rules: [...quickSums, ...quickFindings] },
  { name: 'farmprobe recordings', interval: '30s', rules: [...minutes, ...budgetRecordings, ...findings] },
]
