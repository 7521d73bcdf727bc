import type { Machine } from '../read/machine.ts'
import { coreRules } from './core_rules.ts'
import { differenceRules } from './difference_rules.ts'
import { farmRules } from './farm_rules.ts'
import { type Finding, type Rule, severities } from './finding.ts'
import { healthRules } from './health_rules.ts'
import { limitRules } from './limit_rules.ts'
import { logRules } from './log_rules.ts'
import { mergeFindings } from './merge_findings.ts'
import { poolRules } from './pool_rules.ts'
import { readerRules } from './reader_rules.ts'
import { balancerPoolRules, recycleRules } from './recycle_rules.ts'
import { routeRules } from './route_rules.ts'
import { startRules } from './start_rules.ts'
import { warmupRules } from './warmup_rules.ts'

const rank = ({ severity }: Rule) => severities.indexOf(severity)

/** Every rule, the worst first. */
export const rules: readonly Rule[] = [
  ...readerRules,
  ...startRules,
  ...warmupRules,
  ...coreRules,
  ...limitRules,
  ...recycleRules,
  ...poolRules,
  ...routeRules,
  ...farmRules,
  ...healthRules,
  ...balancerPoolRules,
  ...differenceRules,
  ...logRules,
].toSorted((a, b) => rank(a) - rank(b))

/** Checks machines against every rule; findings come in the order in which they are best mended, the worst first. */
export function audit(machines: readonly Machine[]): Finding[] {
  const servers = machines.filter(({ isExpress }) => !isExpress)
  return rules.flatMap((rule) =>
    mergeFindings(rule, rule.look(rule.forExpress ? machines : servers), machines).toSorted(
      (a, b) =>
        byText(a.place.file, b.place.file) || a.place.line - b.place.line || a.place.column - b.place.column,
    ),
  )
}

const byText = (a: string, b: string) => (a < b ? -1 : Number(a > b))
