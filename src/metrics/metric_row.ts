/** What a row of the table of metrics holds. */
import type { Role } from '../model/farm.ts'
import type { Lane } from '../model/outcome.ts'

/** What a series belongs to, with the labels that name it. */
export const scopeLabels = {
  process: [],
  build: ['version', 'node_version'],
  shard: ['shard', 'shards'],
  prober: ['prober'],
  receiver: ['receiver'],
  farm: ['farm'],
  impact: ['farm', 'impact'],
  check: ['farm', 'check'],
  served: ['farm', 'check', 'node'],
  blamed: ['farm', 'node'],
  target: ['farm', 'role', 'target'],
  subject: ['farm', 'role', 'target', 'check'],
} as const

export type Scope = keyof typeof scopeLabels

/** The scopes whose owners the configuration decides about. */
export const configuredScopes: ReadonlySet<Scope> = new Set([
  'farm',
  'impact',
  'check',
  'served',
  'blamed',
  'target',
  'subject',
])

/** What decides which of an owner's series exist at zero. */
export interface Traits {
  readonly role?: Role
  /** The lane in which the check's own schedule runs. */
  readonly lane?: Lane
  /** How the check authenticates, if it does. */
  readonly auth?: 'header' | 'handshake'
  readonly tls?: boolean
  readonly crosschecked?: boolean
  /** windows_exporter is read on the node. */
  readonly exporterRead?: boolean
  /** The node is probed through the balancer, too. */
  readonly linked?: boolean
  /** What a balancer's error is attributed to. */
  readonly blamed?: 'node' | 'balancer' | 'unknown' | 'several'
}

/** Whether the series with these label values, of an owner with these traits, exists before anything was counted. */
export type ZeroRule = (labels: Readonly<Record<string, string>>, traits: Traits) => boolean

export interface Row {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly help: string
  readonly of: Scope
  /** Leave out the role: the series names farm and target only. */
  readonly bare?: true
  /** Nodes have the series through the balancer, too. */
  readonly through?: true
  /** Labels beyond the scope's, each with its closed set of values. */
  readonly beyond?: Readonly<Record<string, readonly string[]>>
  /** Upper bounds in seconds. */
  readonly buckets?: readonly number[]
  /** All series exist at zero when absent. */
  readonly zero?: ZeroRule
}

/** The labels of a row's series, in the order of exposition; a histogram's `le` aside. */
export function labelNames(row: Row): string[] {
  const own = scopeLabels[row.of].filter((name) => !(row.bare && name === 'role'))
  return [...own, ...Object.keys(row.beyond ?? {})]
}

type Details = Pick<Row, 'bare' | 'through' | 'beyond' | 'buckets' | 'zero'>

const rowOf =
  <Type extends Row['type']>(type: Type) =>
  <Of extends Scope, const More extends Details = Details>(of: Of, help: string, more?: More) =>
    ({ type, of, help, ...more }) as { readonly type: Type; readonly of: Of; readonly help: string } & More

export const counter = rowOf('counter')
export const gauge = rowOf('gauge')
export const histogram = rowOf('histogram')
export const summary = rowOf('summary')

type OwnerLabel<R extends Pick<Row, 'of'>> = Exclude<
  (typeof scopeLabels)[R['of']][number],
  R extends { readonly bare: true } ? 'role' : never
>

type Beyond<R> = R extends { readonly beyond: infer Labels } ? Labels : unknown

type ValueOf<Set> = Set extends readonly (infer Value)[] ? Value : never

/** The labels of one series of a row: those of its owner, and a value of each closed set beyond them. */
export type LabelsOf<R extends Pick<Row, 'of'>> = Readonly<Record<OwnerLabel<R>, string>> & {
  readonly [Label in keyof Beyond<R>]: ValueOf<Beyond<R>[Label]>
}
