/** Scores jobs on as many threads as there are processors. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { effort, type Job } from './jobs.ts'
import type { FarmScore } from './scores/farm_score.ts'

/** Scores of all jobs, in the order of the jobs. Rejects when a thread fails. */
export async function scoreAll(
  jobs: readonly Job[],
  onDone: (done: number, job: Job) => void,
): Promise<FarmScore[]> {
  const scores: FarmScore[] = []
  const queue = [...jobs.keys()].sort((a, b) => effort(jobs[b] as Job) - effort(jobs[a] as Job))
  let done = 0
  const work = () =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./score_thread.ts', import.meta.url))
      const next = () => {
        const index = queue.shift()
        if (index !== undefined) worker.postMessage({ index, job: jobs[index] })
        else void worker.terminate().then(() => resolve(), reject)
      }
      worker.once('error', reject)
      worker.on('message', ({ index, score }: { index: number; score: FarmScore }) => {
        scores[index] = score
        done += 1
        onDone(done, jobs[index] as Job)
        next()
      })
      next()
    })
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), jobs.length) }, work))
  return scores
}
