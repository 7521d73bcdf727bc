import { randomUUID } from 'node:crypto'
import { loadConfig } from '../config/load_config.ts'
import { formatProblem } from '../config/yaml/problem.ts'
import { readTextFile } from '../config/yaml/text_file.ts'
import { verdictOf } from '../detect/decide_verdict.ts'
import { startDiscovery } from '../discovery/discovery.ts'
import { readTargets } from '../discovery/file_sd.ts'
import { readWebFarm } from '../iis/read/read_web_farm.ts'
import { type Farm, targetsOf } from '../model/farm.ts'
import { useKeytabs } from '../probe/auth/kerberos_handshake.ts'
import { createProbe } from '../probe/probe.ts'
import { type CheckResult, renderTable } from './once_table.ts'
import type { Edge } from './process_edge.ts'

export interface OnceOptions {
  readonly config: string
  readonly json?: true
  readonly farm?: string
}

/**
 * The verb `once`: probes every check on every target once and shows what came of it. Returns the exit code: 0 all
 * ok, 1 a failure, or nodes that could not be discovered, 2 a bad configuration or an unknown farm.
 */
export async function once({ config, json, farm: only }: OnceOptions, edge: Edge): Promise<number> {
  const loaded = await loadConfig(config, edge.env)
  if (!loaded.ok) {
    for (const problem of loaded.problems) edge.stderr.write(`${formatProblem(problem)}\n`)
    return 2
  }
  const definitions = loaded.config.farms.filter(({ farm }) => farm.name === (only ?? farm.name))
  if (definitions.length === 0) {
    const known = loaded.config.farms.map(({ farm }) => farm.name).join(', ')
    edge.stderr.write(`--farm: no farm is named '${only}'; ${config} has ${known}\n`)
    return 2
  }
  const undiscovered = new Set<string>()
  const farms = await new Promise<readonly Farm[]>((resolve) => {
    const discovery = startDiscovery(definitions, {
      clock: edge.clock,
      readTargets: (file, source) => readTargets(file, source, readTextFile),
      readWebFarm,
      onProblem: (problem) => edge.stderr.write(`${formatProblem(problem)}\n`),
      onFailure: (farm) => void undiscovered.add(farm),
      onFarms: (found) => void discovery.stop().then(() => resolve(found)),
    })
  })
  const discovering = new Set(definitions.flatMap(({ farm, discover }) => (discover ? [farm.name] : [])))
  for (const { name, nodes } of farms) if (nodes.length === 0 && discovering.has(name)) undiscovered.add(name)
  useKeytabs(farms)
  const findings = await probeOnce(farms, edge)
  edge.stdout.write(
    json ? `${JSON.stringify({ findings }, null, 2)}\n` : renderTable(findings, farms, edge.stdout),
  )
  const isOk = findings.every(({ outcomes }) => outcomes.every(({ reason }) => reason === 'ok'))
  return isOk && undiscovered.size === 0 ? 0 : 1
}

/** On a terminal a count of the probes done is shown while slow targets are waited for. */
async function probeOnce(farms: readonly Farm[], { clock, stderr }: Edge): Promise<CheckResult[]> {
  const work = farms.flatMap((farm) =>
    farm.checks.map((check) => ({ farm, check, targets: targetsOf(farm, check) })),
  )
  const total = work.reduce((sum, { targets }) => sum + targets.length, 0)
  const prober = createProbe({ clock, newId: randomUUID })
  const never = new AbortController().signal
  const show = (text: string) => stderr.isTTY && stderr.write(`\r\u001b[K${text}`)
  let done = 0
  show(`0 of ${total} probes done`)
  const findings = await Promise.all(
    work.map(async ({ farm, check, targets }) => {
      const slotMs = clock.wallMs()
      const outcomes = await Promise.all(
        targets.map(async (target) => {
          const order = { farm, check, target, lane: 'tick', slotMs, lagMs: 0 } as const
          const outcome = await prober.probe(order, never)
          done += 1
          show(`${done} of ${total} probes done`)
          return outcome
        }),
      )
      return { farm: farm.name, check: check.name, verdict: verdictOf(outcomes), outcomes }
    }),
  )
  await prober.close()
  show('')
  return findings
}
