/**
 * The users of a farm: they come at random through the balancer, most of them with a connection and a cookie that they
 * keep. Arguments: a JSON object, see `UsersAsked`. Writes every request down, one JSON object a line.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { seededRandom } from '../../../../src/runtime/random.ts'
import type { UserPlan } from '../kind.ts'

export interface UsersAsked {
  readonly host: string
  readonly port: number
  readonly plan: UserPlan
  readonly seed: number
  readonly log: string
  readonly forMs: number
}

/** A request of a user, as its browser saw it. */
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

const people = 8
/** The share of those whose connection is new every time. */
const withoutKeepAlive = 0.25
const slowPages = 0.1
const patienceMs = 30_000

const asked = JSON.parse(process.argv[2] ?? '{}') as UsersAsked
const random = seededRandom(asked.seed)
const log = openSync(asked.log, 'a')
const users: User[] = Array.from({ length: people }, (_, index) => ({
  agent: index < people * withoutKeepAlive ? false : new Agent({ keepAlive: true, maxSockets: 1 }),
  cookie: '',
}))
const startMs = Date.now()
let count = 0

function visit(user: User): void {
  const id = `user-${count++}`
  const atMs = Date.now()
  const note = (status: number) => {
    const line: UserLine = { id, atMs, tookMs: Date.now() - atMs, status }
    writeSync(log, `${JSON.stringify(line)}\n`)
  }
  const sent = request(
    {
      host: asked.host,
      port: asked.port,
      path: random() < slowPages ? '/report' : '/',
      agent: user.agent,
      headers: { 'X-Farmprobe-Id': id, ...(user.cookie === '' ? {} : { Cookie: user.cookie }) },
      timeout: patienceMs,
    },
    (response: IncomingMessage) => {
      const [cookie] = response.headers['set-cookie'] ?? []
      if (cookie !== undefined) user.cookie = cookie.split(';')[0] ?? ''
      response.resume()
      response.once('close', () => note(response.complete ? (response.statusCode ?? 0) : 0))
    },
  )
  sent.once('timeout', () => sent.destroy())
  sent.once('error', () => note(0))
  sent.end()
}

function awayMs(): number {
  const { pauses } = asked.plan
  if (pauses === undefined) return 0
  const roundMs = (pauses.everyS + pauses.forS) * 1000
  const inRoundMs = (Date.now() - startMs) % roundMs
  return inRoundMs > pauses.everyS * 1000 ? roundMs - inRoundMs : 0
}

function next(): void {
  const gapMs = (-Math.log(1 - random()) * 1000) / asked.plan.perSecond
  setTimeout(() => {
    if (awayMs() === 0) visit(users[Math.floor(random() * people)] as User)
    next()
  }, gapMs + awayMs())
}

const end = () => {
  closeSync(log)
  process.exit(0)
}
process.once('SIGTERM', end)
process.once('disconnect', end)
setTimeout(end, asked.forMs)
next()
