/** What every panel has: an id, queries, a unit. The kinds of panels add their looks. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type {
  DynamicConfigValue,
  FieldColor,
  Panel,
  ThresholdsConfig,
  ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { prometheus } from '../variables.ts'
import { type Query, refId, target } from './query.ts'

export interface PanelSpec {
  readonly id: number
  readonly title: string
  /** One or two sentences: what is seen, and what to make of it. */
  readonly description: string
  /** Grafana's name of the unit of the values. */
  readonly unit: string
  readonly decimals?: number
  readonly min?: number
  readonly max?: number
  /** The text when there is nothing to show, where that is good news. */
  readonly none?: string
  /** The smallest distance of two points, such as `1m`. */
  readonly step?: string
  /** The time that is shown, up to now, such as `7d`, where it is not the dashboard's. */
  readonly last?: string
  readonly queries: readonly Query[]
  readonly thresholds?: ThresholdsConfig
  readonly mappings?: readonly ValueMapping[]
  readonly color?: FieldColor
  /** Looks of the series of one query, by its place among the queries. */
  readonly ofQuery?: Readonly<Record<number, Looks>>
  /** Looks of one series or column, by its name. */
  readonly ofSeries?: readonly (readonly [name: string, Looks])[]
}

/** Properties that differ from the panel's own, by Grafana's name. */
export type Looks = Readonly<Record<string, unknown>>

/** A panel without its place in the grid. */
export type Placeable = Omit<Panel, 'gridPos'>

/** What the builders of all kinds of panels have in common. */
interface AnyBuilder extends Builder<Panel> {
  id(id: number): this
  title(title: string): this
  description(description: string): this
  datasource(datasource: typeof prometheus): this
  withTarget(target: Builder<Dataquery>): this
  unit(unit: string): this
  decimals(decimals: number): this
  min(min: number): this
  max(max: number): this
  noValue(text: string): this
  interval(interval: string): this
  timeFrom(timeFrom: string): this
  thresholds(thresholds: Builder<ThresholdsConfig>): this
  mappings(mappings: ValueMapping[]): this
  colorScheme(color: Builder<FieldColor>): this
  overrideByName(name: string, properties: DynamicConfigValue[]): this
  overrideByQuery(queryRefId: string, properties: DynamicConfigValue[]): this
}

/** Applies a specification to a panel; what it leaves out stays at the default of the kind of panel. */
export function fill(builder: AnyBuilder, spec: PanelSpec): Placeable {
  builder.id(spec.id).title(spec.title).description(spec.description).datasource(prometheus).unit(spec.unit)
  spec.queries.forEach((query, index) => builder.withTarget(target(query, index)))
  if (spec.decimals !== undefined) builder.decimals(spec.decimals)
  if (spec.min !== undefined) builder.min(spec.min)
  if (spec.max !== undefined) builder.max(spec.max)
  if (spec.none !== undefined) builder.noValue(spec.none)
  if (spec.step !== undefined) builder.interval(spec.step)
  if (spec.last !== undefined) builder.timeFrom(spec.last)
  if (spec.thresholds) builder.thresholds(built(spec.thresholds))
  if (spec.mappings) builder.mappings([...spec.mappings])
  if (spec.color) builder.colorScheme(built(spec.color))
  for (const [index, looks] of Object.entries(spec.ofQuery ?? {}))
    builder.overrideByQuery(refId(Number(index)), properties(looks))
  for (const [name, looks] of spec.ofSeries ?? []) builder.overrideByName(name, properties(looks))
  // A default of the builder that means nothing without `repeat`.
  const { repeatDirection: _, ...panel } = builder.build()
  return panel
}

/** The SDK expects builders where values would do. */
export const built = <T>(value: T): Builder<T> => ({ build: () => value })

const properties = (looks: Looks): DynamicConfigValue[] =>
  Object.entries(looks).map(([id, value]) => ({ id, value }))
