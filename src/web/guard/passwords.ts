/**
 * Compares passwords with their hashes. bcrypt is slow on purpose, so it runs on a thread of its own, one password after
 * the other, and verdicts are cached: a client that repeats its password, as Prometheus does, waits once.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { createRequestThread } from '../../runtime/request_thread.ts'
import type { Comparisons } from './password_entry.ts'

export interface Passwords {
  /** `busy`: too many passwords are being compared already, so this one is not. */
  check(
    users: ReadonlyMap<string, string>,
    name: string,
    password: string,
  ): Promise<'right' | 'wrong' | 'busy'>
  close(): Promise<void>
}

/** Passwords that wait for the thread at most: a client that guesses must not fill the memory. */
const mostWaiting = 16
/** Cached verdicts of each kind: wrong passwords push no right one out. */
const mostRemembered = 100

export function createPasswords(): Passwords {
  // Keyed digests: no password can be found from a dump of the cache.
  const secret = randomBytes(32)
  const known = { right: new Set<string>(), wrong: new Set<string>() }
  const waiting = new Map<string, Promise<'right' | 'wrong'>>()
  const thread = createRequestThread<Comparisons>({
    entry: new URL('./password_entry.ts', import.meta.url),
    name: 'passwords',
    unref: true,
  })

  async function compare(key: string, isUser: boolean, password: string, hash: string) {
    const fits = await thread.ask({ password, hash })
    const verdict = fits && isUser ? 'right' : 'wrong'
    remember(known[verdict], key)
    return verdict
  }

  return {
    async check(users, name, password) {
      const hash = users.get(name) ?? decoy(secret, users, name)
      if (hash === undefined) return 'wrong'
      const isUser = users.has(name)
      const key = digest(secret, name, hash, password, String(isUser))
      if (known.right.has(key)) return 'right'
      if (known.wrong.has(key)) return 'wrong'
      const underWay = waiting.get(key)
      if (underWay !== undefined) return underWay
      if (waiting.size >= mostWaiting) return 'busy'
      const asked = compare(key, isUser, password, hash).finally(() => waiting.delete(key))
      waiting.set(key, asked)
      return asked
    },
    close: thread.terminate,
  }
}

/**
 * The hash to compare with where there is no such user: that of some user, always the same for a name, so that it takes
 * as long as with a name that is known.
 */
function decoy(secret: Buffer, users: ReadonlyMap<string, string>, name: string): string | undefined {
  const number = Number.parseInt(digest(secret, name).slice(0, 8), 16)
  return [...users.values()][number % Math.max(1, users.size)]
}

function digest(secret: Buffer, ...parts: readonly string[]): string {
  return createHmac('sha256', secret).update(JSON.stringify(parts)).digest('hex')
}

function remember(keys: Set<string>, key: string): void {
  if (keys.size >= mostRemembered) keys.delete(keys.values().next().value ?? '')
  keys.add(key)
}
