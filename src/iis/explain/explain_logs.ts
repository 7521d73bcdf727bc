/** Reads all logs of a farm, the balancer's first, and concludes what they show. */
import { whyByCode } from '../../runtime/bounded_file.ts'
import { httpErrorFields, kindOfLog, type LogKind } from '../logs/log_kind.ts'
import { eachLine, headOf, type OpenLog, openLogFile } from '../logs/log_lines.ts'
import { createW3cReader, type W3cEntry } from '../logs/w3c_entries.ts'
import { readEvents } from '../logs/windows_events.ts'
import { type WindowsEvent, type WorkerEvent, workerEventOf } from '../logs/worker_events.ts'
import { createBalancerLog, farmOfHost, type LoggedFarm } from './balancer_log.ts'
import { type ClockSkew, clockOf } from './clock_skew.ts'
import type { Where } from './failed_request.ts'
import { type FoundIncident, incidentsOf } from './found_incidents.ts'
import { takeHttpError } from './http_errors.ts'
import type { HttpError, ReadFile } from './log_evidence.ts'
import { allHabits } from './log_habits.ts'
import { createMachines, type Machines } from './machines.ts'
import { missingFrom } from './missing.ts'
import { createNodeLog, type FailureIndex, indexFailures, type NodeLog } from './node_log.ts'
import { stallsOf } from './node_stalls.ts'
import { type RecycleCost, recycleCosts } from './recycle_costs.ts'
import { readTrace } from './traces.ts'

export interface Explanation {
  /** The farms behind the balancer, the one with the most requests first. */
  readonly farms: readonly { readonly farm: string; readonly requests: number; readonly failed: number }[]
  readonly files: readonly ReadFile[]
  readonly requests: number
  readonly failed: number
  /** Clients that went away before the answer: no fault of the farm. */
  readonly left: number
  readonly nodes: readonly string[]
  /** Of nodes whose clocks are apart from the balancer's; all times are corrected. */
  readonly clocks: readonly ClockSkew[]
  readonly incidents: readonly FoundIncident[]
  /** What each recycle cost users; the oldest first. */
  readonly recycles: readonly RecycleCost[]
  /** Sentences. */
  readonly habits: readonly string[]
  /** What would tell more, and how to get it. */
  readonly missing: readonly string[]
}

export interface ExplainOptions {
  /** As sentences name the farm that all requests are for. */
  readonly farm?: string
  /** The farm that a host belongs to, undefined where it is not known; otherwise each host is a farm of its own. */
  readonly farmOf?: (host: string) => string | undefined
  /** Leaves out what ended before and what was sent after, wall milliseconds. */
  readonly sinceMs?: number
  readonly untilMs?: number
  /** How a file is opened; otherwise from the disk. */
  readonly open?: (path: string) => OpenLog
  /** Hears how many bytes were read. */
  readonly onBytes?: (bytes: number) => void
}

interface Opened {
  readonly file: string
  readonly kind: LogKind
  readonly machine: string
  readonly isXml: boolean
}

/** Events name the machines; failures of the balancer are known before nodes are asked about them. */
const order: readonly LogKind[] = ['events', 'balancer', 'node', 'http_errors', 'failed_request']

/** Never rejects for a file that cannot be read: it is among the files with its problem. */
export async function explainLogs(
  paths: readonly string[],
  options: ExplainOptions = {},
): Promise<Explanation> {
  const { open = openLogFile } = options
  const machines = createMachines()
  const opened: Opened[] = []
  const files: ReadFile[] = []
  const unread = (file: string, problem: string) =>
    files.push({ file, lines: 0, damaged: 0, fields: [], problem })
  for (const file of new Set(paths)) {
    try {
      const head = await headOf(open(file)())
      const found = kindOfLog(head)
      if ('why' in found) unread(file, found.why)
      else {
        const isLog = found.kind !== 'events' && found.kind !== 'failed_request'
        opened.push({
          file,
          ...found,
          machine: isLog ? machineOf(file, head, machines) : '',
          isXml: head.includes('<Event'),
        })
      }
    } catch (error) {
      unread(file, whyUnreadable(error))
    }
  }
  const reading = createReading(options, machines)
  for (const kind of order) {
    const all = opened.filter((one) => one.kind === kind)
    if (kind === 'node') await reading.compareClocks(all)
    for (const each of all) files.push(await reading.read(each))
  }
  const concluded = reading.conclude()
  return { files, ...concluded, missing: missingFrom(files, concluded.incidents) }
}

function machineOf(file: string, head: string, machines: Machines): string {
  const fields = /^#Fields:(.*)$/m.exec(head)?.[1]?.trim().toLowerCase().split(/\s+/) ?? httpErrorFields
  const entries = head.split(/\r?\n/).filter((line) => /^\d/.test(line))
  return machines.ofLog(
    file,
    fields,
    entries.slice(0, 200).map((line) => line.split(' ')),
  )
}

function createReading(
  {
    farm,
    farmOf = () => farm,
    sinceMs = 0,
    untilMs = Number.POSITIVE_INFINITY,
    onBytes,
    open = openLogFile,
  }: ExplainOptions,
  machines: Machines,
) {
  const balancer = createBalancerLog((host) => farmOf(host) ?? farmOfHost(host))
  const nodes = new Map<string, NodeLog>()
  const httpErrors = new Map<Where, HttpError>()
  const workerEvents: WorkerEvent[] = []
  const clocks = new Map<string, ClockSkew>()
  const skewOf = (node: string) => clocks.get(node)?.skewMs ?? 0
  let index: FailureIndex | undefined
  const indexed = () => (index ??= indexFailures(balancer.failures))
  const isAsked = (atMs: number) => atMs >= sinceMs && atMs <= untilMs

  function takeEvent(event: WindowsEvent): void {
    const computer = machines.ofComputer(event.computer, event.file)
    const found = workerEventOf({ ...event, computer })
    if (found !== undefined && isAsked(found.atMs) && workerEvents.length < mostEvents)
      workerEvents.push(found)
  }

  function takerOf({ file, kind, machine }: Opened): (entry: W3cEntry, line: number) => void {
    if (kind === 'balancer') return (entry, line) => balancer.take(entry, file, line)
    const known = indexed()
    if (kind === 'http_errors') {
      return (entry, line) => {
        const error = takeHttpError(entry, { file, line }, known, machines, skewOf)
        if (error !== undefined && httpErrors.size < mostHttpErrors) httpErrors.set(error.where, error)
      }
    }
    const name = machines.nameOf(machine)
    const node = nodes.get(name) ?? createNodeLog(name, known, skewOf(name))
    nodes.set(name, node)
    return (entry, line) => node.take(entry, file, line)
  }

  async function compareClocks(logs: readonly Opened[]): Promise<void> {
    if (balancer.counts.requests === 0) return
    for (const [node, own] of Map.groupBy(logs, ({ machine }) => machines.nameOf(machine))) {
      const found = await clockOf(
        node,
        own.map(({ file }) => open(file)),
        balancer,
        indexed(),
      )
      if (found !== undefined) clocks.set(node, found)
    }
  }

  return {
    compareClocks,
    async read(opened: Opened): Promise<ReadFile> {
      const { file, kind, machine, isXml } = opened
      const reader = createW3cReader(kind === 'http_errors' ? httpErrorFields : undefined)
      let lines = 0
      let problem: string | undefined
      try {
        const log = open(file)(onBytes)
        if (kind === 'events') await readEvents(log, { file, isXml }, takeEvent)
        else if (kind === 'failed_request')
          await readTrace(log, file, indexed(), (server) => machines.nameOf(machines.ofServer(server)))
        else {
          const take = takerOf(opened)
          await eachLine(log, (text, from, to, line) => {
            lines = line
            const entry = reader.read(text, from, to)
            if (entry !== undefined && isAsked(entry.atMs)) take(entry, line)
          })
        }
      } catch (error) {
        problem = whyUnreadable(error)
      }
      const read = { file, kind, machine, lines, damaged: reader.damaged(), fields: [...reader.fields] }
      return problem === undefined ? read : { ...read, problem }
    },
    conclude(): Omit<Explanation, 'files' | 'missing'> {
      const all = [...nodes.values()]
      const shared = {
        nodes: all,
        stalls: all.flatMap(stallsOf),
        httpErrors,
        workerEvents: workerEvents.map((event) => ({ ...event, atMs: event.atMs - skewOf(event.computer) })),
      }
      const farms = balancer.counts.requests > 0 ? balancer.farms() : [ofNodes(all)]
      const named = farms.map((each) => ({ ...each, farm: farm ?? (each.farm || 'the farm') }))
      const incidents = named.flatMap((each) => incidentsOf({ ...shared, ...each }))
      const recycles = recycleCosts(shared)
      const counted = named.map(({ farm: name, requests, failures }) => ({
        farm: name,
        requests,
        failed: failures.reduce((sum, { count }) => sum + count, 0),
      }))
      return {
        farms: counted,
        requests: counted.reduce((sum, { requests }) => sum + requests, 0),
        failed: counted.reduce((sum, each) => sum + each.failed, 0),
        left: balancer.counts.left,
        nodes: all.map(({ node }) => node),
        clocks: [...clocks.values()],
        incidents: incidents.toSorted((a, b) => a.openedMs - b.openedMs),
        recycles,
        habits: allHabits(incidents, recycles),
      }
    },
  }
}

/** What nodes' logs alone tell. */
const ofNodes = (nodes: readonly NodeLog[]): Omit<LoggedFarm, 'sent'> => ({
  farm: '',
  requests: nodes.reduce((sum, each) => sum + each.requests(), 0),
  failures: nodes.flatMap(({ failures }) => failures),
})

const mostHttpErrors = 200_000
const mostEvents = 200_000

/** Why a file, or the rest of it, cannot be read, as a clause. */
function whyUnreadable(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return whyByCode[code] ?? message
}
