/** The entry of the thread that compares passwords with their hashes: each takes as long as a scrape may wait. */
import { compareSync } from 'bcryptjs'
import { serveRequests } from '../../runtime/request_thread.ts'

export interface Comparisons {
  readonly request: { readonly password: string; readonly hash: string }
  readonly reply: boolean
}

serveRequests<Comparisons>(({ password, hash }) => compareSync(password, hash))
