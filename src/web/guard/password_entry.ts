/** The entry of the thread that compares passwords with their hashes: each takes as long as a scrape may wait. */
import { parentPort } from 'node:worker_threads'
import { compareSync } from 'bcryptjs'

export interface Question {
  readonly id: number
  readonly password: string
  readonly hash: string
}

export interface Reply {
  readonly id: number
  readonly fits: boolean
}

parentPort?.on('message', ({ id, password, hash }: Question) => {
  parentPort?.postMessage({ id, fits: compareSync(password, hash) } satisfies Reply)
})
