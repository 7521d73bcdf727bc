/** Who is let in: every request, whatever its path, passes here before it is looked at. */
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../runtime/clock.ts'
import { fullBucket, type Rate, takeTokens } from '../../runtime/token_bucket.ts'
import type { Passwords } from './passwords.ts'
import type { Protection } from './protection.ts'
import type { TurnedAway } from './refused_clients.ts'

export interface Doorkeeper {
  /** Undefined: come in. The order is the toolkit's: first the rate, then the password. */
  ask(authorization: string | undefined, protection: Protection): Promise<TurnedAway | undefined>
}

export function createDoorkeeper(passwords: Passwords, clock: Clock): Doorkeeper {
  let limit: Rate = { intervalMs: 0, burst: 0 }
  let bucket = fullBucket(limit)
  const isWithin = (rateLimit: Rate) => {
    if (!isDeepStrictEqual(rateLimit, limit)) {
      limit = rateLimit
      bucket = fullBucket(limit)
    }
    const { taken, bucket: left } = takeTokens(bucket, 1, limit, clock.monotonicMs())
    bucket = left
    return taken === 1
  }
  return {
    async ask(authorization, { rateLimit, users }) {
      if (rateLimit !== undefined && !isWithin(rateLimit)) return tooMany
      if (users.size === 0) return undefined
      const credentials = basicCredentials(authorization)
      if (credentials === undefined) return { ...unknown, why: 'no_password' }
      const verdict = await passwords.check(users, credentials.name, credentials.password)
      if (verdict === 'right') return undefined
      return verdict === 'busy' ? busy : unknown
    },
  }
}

const tooMany: TurnedAway = {
  why: 'rate',
  status: 429,
  headers: { 'Retry-After': '1' },
  text: 'Too many requests: rate_limit of the web configuration allows no more.\n',
}

const unknown: TurnedAway = {
  why: 'password',
  status: 401,
  headers: { 'WWW-Authenticate': 'Basic realm="farmprobe", charset="UTF-8"' },
  text: 'A user name and a password are needed.\n',
}

const busy: TurnedAway = {
  why: 'passwords_busy',
  status: 503,
  headers: { 'Retry-After': '1' },
  text: 'Too many passwords are being checked; try again.\n',
}

/** The name and password of a Basic Authorization header; undefined when it is none (RFC 7617). */
function basicCredentials(header: string | undefined): { name: string; password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '') ?? []
  if (encoded === undefined) return undefined
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon < 0 ? undefined : { name: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}
