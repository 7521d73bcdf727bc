/** What numbers mean, and in which colour, the same on every panel. */
import {
  type FieldColor,
  FieldColorModeId,
  MappingType,
  type Threshold,
  type ThresholdsConfig,
  ThresholdsMode,
  type ValueMapping,
  type ValueMappingResult,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { type Verdict, verdicts } from '../../../../src/model/event.ts'

export const colours = {
  good: 'green',
  notice: 'yellow',
  bad: 'orange',
  terrible: 'red',
  worst: 'dark-red',
  strange: 'purple',
  neutral: 'blue',
  faint: 'text',
} as const

type Colour = (typeof colours)[keyof typeof colours]

const verdictLooks: Record<Verdict, { readonly text: string; readonly color: Colour }> = {
  ok: { text: 'ok', color: colours.good },
  unknown: { text: 'unknown', color: colours.neutral },
  masked: { text: 'masked', color: colours.notice },
  node_fault: { text: 'node fault', color: colours.bad },
  balancer_fault: { text: 'balancer fault', color: colours.strange },
  farm_down: { text: 'farm down', color: colours.worst },
}

/** Verdicts as numbers, so that the worst of several is their maximum. */
export const verdictMapping = mapping(verdicts.map((verdict) => verdictLooks[verdict]))

/** A colour for each series that is named after a verdict. */
export const verdictColours: readonly (readonly [series: string, color: Colour])[] = verdicts.map(
  (verdict) => [verdict, verdictLooks[verdict].color],
)

export const upMapping = mapping([
  { text: 'failing', color: colours.terrible },
  { text: 'up', color: colours.good },
])

/** An open incident as a number: 0 for none. */
export const impactMapping = mapping([
  { text: 'none', color: colours.good },
  { text: 'hidden', color: colours.notice },
  { text: 'users feel it', color: colours.terrible },
])

/** Names the numbers 0, 1, 2 …. */
function mapping(results: readonly Omit<ValueMappingResult, 'index'>[]): ValueMapping {
  return {
    type: MappingType.ValueToText,
    options: Object.fromEntries(results.map((result, index) => [`${index}`, { ...result, index }])),
  }
}

/** The colours from given numbers on; the first colour is for everything below. */
export function steps(below: Colour, ...from: readonly (readonly [value: number, color: Colour])[]) {
  const rest = from.map(([value, color]): Threshold => ({ value, color }))
  const config: ThresholdsConfig = {
    mode: ThresholdsMode.Absolute,
    steps: [{ value: null, color: below }, ...rest],
  }
  return config
}

/** Status codes by class; 0 is no answer at all. */
export const statusSteps = steps(
  colours.worst,
  [1, colours.good],
  [400, colours.notice],
  [500, colours.terrible],
)

export const byThreshold: FieldColor = { mode: FieldColorModeId.Thresholds }

/** The same series has the same colour on every panel. */
export const byName: FieldColor = { mode: FieldColorModeId.PaletteClassicByName }

export const fixed = (color: Colour): FieldColor => ({ mode: FieldColorModeId.Fixed, fixedColor: color })
