import type { Step } from '../../history/history.ts'
import { phases } from '../../model/outcome.ts'

/**
 * Steps made longer. Quantiles cannot be added up: the longer step gets the mean of the medians and the largest of
 * the others, which is right where it matters, at the worst moments.
 */
export function mergeSteps(steps: readonly Step[], stepMs: number): Step[] {
  const groups = Map.groupBy(steps, ({ atMs }) => Math.floor(atMs / stepMs) * stepMs)
  return [...groups].map(([atMs, group]) =>
    group.length === 1 ? { ...(group[0] as Step), atMs } : merge(atMs, group),
  )
}

function merge(atMs: number, group: readonly Step[]): Step {
  const reasons: Record<string, number> = {}
  for (const step of group)
    for (const [reason, count] of Object.entries(step.reasons))
      reasons[reason] = (reasons[reason] ?? 0) + count
  const times = group.flatMap(({ firstByteMs }) => firstByteMs ?? [])
  return {
    atMs,
    probes: sum(group.map(({ probes }) => probes)),
    failures: sum(group.map(({ failures }) => failures)),
    reasons,
    ...(times.length > 0 && {
      firstByteMs: {
        p50: sum(times.map(({ p50 }) => p50)) / times.length,
        p95: Math.max(...times.map(({ p95 }) => p95)),
        max: Math.max(...times.map(({ max }) => max)),
      },
    }),
    ...meanPhases(group),
  }
}

function meanPhases(group: readonly Step[]): Pick<Step, 'phaseMs'> {
  const known = group.flatMap(({ phaseMs }) => phaseMs ?? [])
  if (known.length === 0) return {}
  const mean = phases.map((phase) => [phase, sum(known.map((phaseMs) => phaseMs[phase] ?? 0)) / known.length])
  return { phaseMs: Object.fromEntries(mean) }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0)
