/** The query parameters of the API: how each is documented, and how it is read. A handler sees those its route declares. */
import type { Context } from 'hono'
import { eventKinds } from '../../model/event.ts'
import { type Impact, impacts } from '../../model/incident.ts'
import { parseDurationMs } from '../../runtime/duration.ts'
import { Refusal } from './refusal.ts'

export interface Parameter<T> {
  readonly description: string
  readonly schema: object
  /** Another name for it. */
  readonly alias?: string
  /** It is a part of the path. */
  readonly inPath?: true
  /** It may be given several times, or hold several values with commas: `read` gets all of them, with commas. */
  readonly isList?: boolean
  /** What is wrong with a value that cannot be read, and what would be right. */
  readonly wrong?: string
  readonly read: (text: string, nowMs: number) => T | undefined
}

export type Parameters = Readonly<Record<string, Parameter<unknown>>>

/** The values of a route's parameters; undefined where a request gives none. */
export type Given<P extends Parameters> = { readonly [N in keyof P]: ReturnType<P[N]['read']> }

/** @throws Refusal when a value cannot be read */
export function givenBy<P extends Parameters>(c: Context, parameters: P, nowMs: number): Given<P> {
  const values = Object.entries(parameters).map(([name, { alias = name, inPath, isList, wrong, read }]) => {
    const texts = c.req.queries(name) ?? c.req.queries(alias)
    const text = inPath ? c.req.param(name) : isList ? texts?.join(',') : texts?.[0]
    const value = text === undefined ? undefined : read(text, nowMs)
    if (value === undefined && text !== undefined)
      throw new Refusal(400, `${name}=${JSON.stringify(text)} ${wrong}`)
    return [name, value] as const
  })
  return Object.fromEntries(values) as Given<P>
}

const name = (description: string): Parameter<string> => ({
  description,
  schema: { type: 'string' },
  read: (text) => text,
})

export const farm: Parameter<string> = name('Of this farm only.')
export const target: Parameter<string> = {
  ...name('Of this node only, or of `balancer`. `node` means the same.'),
  alias: 'node',
}
export const check: Parameter<string> = name('Of this check only.')

const moment =
  'A duration before now (`15m`, `7d`), a time in RFC 3339, or a Unix time in seconds or milliseconds.'

export const since: Parameter<number> = {
  description: moment,
  schema: { type: 'string' },
  wrong: 'is not a time: give a duration such as 15m, a time such as 2026-02-03T04:05:06Z, or a Unix time',
  read: parseMoment,
}

export const until: Parameter<number> = { ...since, description: `${moment} Now unless given.` }

/** Unix times from here on are milliseconds: in seconds it would be the year 5138. */
const firstMs = 1e11
/** The last moment that a Date can hold. */
const lastMs = 8.64e15

/**
 * The moment, in wall milliseconds, that a text means: a duration before `nowMs` (`15m`), a time in RFC 3339, or a
 * Unix time in seconds or milliseconds. Undefined when it means none.
 */
export function parseMoment(text: string, nowMs: number): number | undefined {
  const atMs = momentMs(text, nowMs)
  return Math.abs(atMs) <= lastMs ? atMs : undefined
}

function momentMs(text: string, nowMs: number): number {
  const agoMs = parseDurationMs(text)
  if (agoMs !== undefined) return nowMs - agoMs
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) < firstMs ? Number(text) * 1000 : Number(text)
  const isRfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  return isRfc3339 ? Date.parse(text) : Number.NaN
}

/** How many a request wants, at most `most`. */
export const limit = (most: number): Parameter<number> => ({
  description: 'At most so many; the newest are sent.',
  schema: { type: 'integer', minimum: 1 },
  wrong: `is not a count: give a whole number from 1 to ${most}`,
  read: (text) => (/^0*[1-9]\d{0,8}$/.test(text) ? Math.min(Number(text), most) : undefined),
})

const isKind = (text: string) => (eventKinds as readonly string[]).includes(text)

export const kind: Parameter<ReadonlySet<string>> = {
  description: 'Of these kinds only; several with commas.',
  schema: { type: 'array', items: { type: 'string', enum: eventKinds } },
  isList: true,
  wrong: `has a kind that is unknown; the kinds are ${eventKinds.join(', ')}`,
  read(text) {
    const wanted = text.split(',').filter((each) => each !== '')
    return wanted.every(isKind) ? new Set(wanted.length === 0 ? eventKinds : wanted) : undefined
  },
}

export const impact: Parameter<Impact> = {
  description: 'With this impact only.',
  schema: { enum: impacts },
  wrong: `is no impact: give ${impacts.join(' or ')}`,
  read: (text) => impacts.find((each) => each === text),
}

export const incidentId: Parameter<string> = { ...name('The id of an incident.'), inPath: true }

export const format: Parameter<'grafana'> = {
  description: '`grafana`: as a list that Grafana takes for annotations.',
  schema: { enum: ['grafana'] },
  wrong: 'is unknown: give grafana, or leave it out',
  read: (text) => (text === 'grafana' ? text : undefined),
}
