/** The entry of the thread that compares passwords with their hashes: each takes as long as a scrape may wait. */
import { parentPort } from 'node:worker_threads'
import { compareSync } from 'bcryptjs'
import { serveRequests } from '../../runtime/request_thread.ts'

export interface Comparisons {
  readonly request: { readonly password: string; readonly hash: string }
  readonly reply: boolean
}

if (parentPort === null) throw new Error('password_entry.ts runs as a worker thread')
serveRequests<Comparisons>(parentPort, ({ password, hash }) => compareSync(password, hash))
