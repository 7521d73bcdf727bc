/** The entry of a thread that scores farms: receives a job, posts its score. */
import { parentPort } from 'node:worker_threads'
import type { Job } from './jobs.ts'
import { scoreFarm } from './scores/farm_score.ts'

parentPort?.on('message', ({ index, job }: { index: number; job: Job }) => {
  scoreFarm(job).then(
    (score) => parentPort?.postMessage({ index, score }),
    (error: unknown) => {
      throw error
    },
  )
})
