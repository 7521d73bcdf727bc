/**
 * The users of a farm: requests at random times through the balancer, most of them with a kept connection and a cookie.
 * Argument: `UsersOptions` as JSON. Logs every request as one JSON object a line.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { seededRandom } from '../../../../src/runtime/random.ts'
import type { UserPlan } from '../kind.ts'

export interface UsersOptions {
  readonly host: string
  readonly port: number
  readonly plan: UserPlan
  readonly seed: number
  readonly log: string
  readonly forMs: number
}

/** A request as the user's browser saw it. */
export interface UserLine {
  readonly id: string
  readonly atMs: number
  readonly tookMs: number
  /** 0: no answer. */
  readonly status: number
}

interface User {
  readonly agent: Agent | false
  cookie: string
}

const userCount = 8
/** The share of users who open a connection for every request. */
const withoutKeepAlive = 0.25
/** The share of requests for the slow page. */
const slowPages = 0.1
const timeoutMs = 30_000

const options = JSON.parse(process.argv[2] ?? '{}') as UsersOptions
const random = seededRandom(options.seed)
const log = openSync(options.log, 'a')
const users: User[] = Array.from({ length: userCount }, (_, index) => ({
  agent: index < userCount * withoutKeepAlive ? false : new Agent({ keepAlive: true, maxSockets: 1 }),
  cookie: '',
}))
const startMs = Date.now()
let count = 0

function visit(user: User): void {
  const id = `user-${count++}`
  const atMs = Date.now()
  const logLine = (status: number) => {
    const line: UserLine = { id, atMs, tookMs: Date.now() - atMs, status }
    writeSync(log, `${JSON.stringify(line)}\n`)
  }
  const sent = request(
    {
      host: options.host,
      port: options.port,
      path: random() < slowPages ? '/report' : '/',
      agent: user.agent,
      headers: { 'X-Farmprobe-Id': id, ...(user.cookie === '' ? {} : { Cookie: user.cookie }) },
      timeout: timeoutMs,
    },
    (response: IncomingMessage) => {
      const [cookie] = response.headers['set-cookie'] ?? []
      if (cookie !== undefined) user.cookie = cookie.split(';')[0] ?? ''
      response.resume()
      response.once('close', () => logLine(response.complete ? (response.statusCode ?? 0) : 0))
    },
  )
  sent.once('timeout', () => sent.destroy())
  sent.once('error', () => logLine(0))
  sent.end()
}

/** Milliseconds until the end of a pause; 0 outside of pauses. */
function pauseMs(): number {
  const { pauses } = options.plan
  if (pauses === undefined) return 0
  const roundMs = (pauses.everyS + pauses.forS) * 1000
  const inRoundMs = (Date.now() - startMs) % roundMs
  return inRoundMs > pauses.everyS * 1000 ? roundMs - inRoundMs : 0
}

/** The gaps between requests are exponential: users come independently of one another. */
function next(): void {
  const gapMs = (-Math.log(1 - random()) * 1000) / options.plan.perSecond
  setTimeout(() => {
    if (pauseMs() === 0) visit(users[Math.floor(random() * userCount)] as User)
    next()
  }, gapMs + pauseMs())
}

const end = () => {
  closeSync(log)
  process.exit(0)
}
process.once('SIGTERM', end)
process.once('disconnect', end)
setTimeout(end, options.forMs)
next()
