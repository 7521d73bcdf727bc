/** Access control: every request, whatever its path, passes the rate limit and the password before the app sees it. */
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../runtime/clock.ts'
import { fullBucket, type Rate, takeTokens } from '../../runtime/token_bucket.ts'
import type { Passwords } from './passwords.ts'
import type { Protection } from './protection.ts'
import type { Rejection } from './rejection.ts'

export interface AccessControl {
  /** Undefined: the request is allowed. The order is the toolkit's: first the rate, then the password. */
  check(authorization: string | undefined, protection: Protection): Promise<Rejection | undefined>
}

export function createAccessControl(passwords: Passwords, clock: Clock): AccessControl {
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
    async check(authorization, { rateLimit, users }) {
      if (rateLimit !== undefined && !isWithin(rateLimit)) return tooMany
      if (users.size === 0) return undefined
      const credentials = basicCredentials(authorization)
      if (credentials === undefined) return { ...wrongPassword, why: 'no_password' }
      const verdict = await passwords.check(users, credentials.name, credentials.password)
      if (verdict === 'right') return undefined
      return verdict === 'busy' ? busy : wrongPassword
    },
  }
}

const tooMany: Rejection = {
  why: 'rate',
  status: 429,
  headers: { 'Retry-After': '1' },
  text: 'Too many requests: rate_limit of the web configuration allows no more.\n',
}

const wrongPassword: Rejection = {
  why: 'password',
  status: 401,
  headers: { 'WWW-Authenticate': 'Basic realm="farmprobe", charset="UTF-8"' },
  text: 'A user name and a password are needed.\n',
}

const busy: Rejection = {
  why: 'passwords_busy',
  status: 503,
  headers: { 'Retry-After': '1' },
  text: 'Too many passwords are being checked; try again.\n',
}

/** The name and password of a Basic Authorization header; undefined for any other header (RFC 7617). */
function basicCredentials(header: string | undefined): { name: string; password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '') ?? []
  if (encoded === undefined) return undefined
  const decoded = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return colon < 0 ? undefined : { name: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}
