/** What windows_exporter's `iis` collector shows of application pools. */
import { printable } from '../runtime/printable.ts'
import { type Conceal, concealing } from '../secrets/conceal.ts'
import type { PoolReading } from './pool_ledger.ts'
import { readSamples, type Sample } from './samples.ts'

const prefix = 'windows_iis_'

/** Counters since WAS started, and one gauge; all that is trusted, see pool_ledger. */
const numbers = {
  windows_iis_total_worker_processes_created: 'created',
  windows_iis_total_application_pool_recycles: 'recycles',
  windows_iis_total_worker_process_failures: 'failures',
  windows_iis_total_worker_process_ping_failures: 'pingFailures',
  windows_iis_total_worker_process_startup_failures: 'startupFailures',
  windows_iis_total_worker_process_shutdown_failures: 'shutdownFailures',
  windows_iis_current_worker_processes: 'workers',
} as const

const stateName = 'windows_iis_current_application_pool_state'

/** Series that each worker process has, with its `pid`. */
const ofWorkers: ReadonlySet<string> = new Set([
  'windows_iis_worker_requests_total',
  'windows_iis_worker_current_requests',
])

/** More workers than a web garden has; what an exporter shows beyond is ignored. */
const mostWorkers = 256
/** Names from the exporter are kept no longer than this. */
const longestWord = 64

interface Gathered {
  readonly numbers: Partial<Record<(typeof numbers)[keyof typeof numbers], number>>
  readonly pids: Set<string>
  state?: string
}

/** The states of a pool; other words are not repeated. */
const states: ReadonlySet<string> = new Set([
  'Uninitialized',
  'Initialized',
  'Running',
  'Disabling',
  'Disabled',
  'Shutdown Pending',
  'Delete Pending',
])

/**
 * The readings of these pools, by the names given, out of an exposition; else why there is none, in words, which
 * `conceal` keeps free of what the exporter was sent.
 */
export function readPools(
  text: string,
  wanted: readonly string[],
  conceal: Conceal = concealing([]),
): ReadonlyMap<string, PoolReading> | string {
  const samples = readSamples(text, prefix)
  if (typeof samples === 'string') return samples
  if (samples.length === 0 && /^wmi_iis_/m.test(text))
    return `it is too old: its metrics begin with wmi_, those of windows_exporter 0.13 and newer with windows_; update it`
  if (samples.length === 0)
    return `it shows no ${prefix} metrics; enable its iis collector (--collectors.enabled=[defaults],iis)`
  const known = new Map<string, Gathered>()
  for (const sample of samples) note(known, sample)
  const found = wanted.flatMap((pool) => {
    const gathered = known.get(pool.toLowerCase())
    if (gathered === undefined) return []
    const { numbers: counted, pids, state } = gathered
    return [[pool, { pids: [...pids], ...counted, ...(state !== undefined && { state }) }] as const]
  })
  return found.length > 0 ? new Map(found) : noSuchPool(samples, wanted, conceal)
}

function note(known: Map<string, Gathered>, { name, labels, value }: Sample): void {
  const app = labels.get('app')?.toLowerCase()
  if (app === undefined) return
  const reading: Gathered = known.get(app) ?? { numbers: {}, pids: new Set() }
  const key = numbers[name as keyof typeof numbers]
  if (key !== undefined) {
    // Some versions show a pool twice while it is replaced (windows_exporter #1009): the greater count is the whole.
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER)
      reading.numbers[key] = Math.max(reading.numbers[key] ?? 0, value)
  } else if (name === stateName) {
    const state = labels.get('state') ?? ''
    if (value === 1 && states.has(state)) reading.state = state
  } else if (ofWorkers.has(name)) {
    const pid = labels.get('pid') ?? ''
    if (/^\d{1,10}$/.test(pid) && reading.pids.size < mostWorkers) reading.pids.add(pid)
  } else return
  known.set(app, reading)
}

/** So many names are shown, to help to find the right one. */
const mostNames = 10

function noSuchPool(samples: readonly Sample[], wanted: readonly string[], conceal: Conceal): string {
  const apps = samples.flatMap(({ labels }) => labels.get('app') ?? [])
  const names = [...new Set(apps)].filter((app) => app !== '_Total').sort()
  const safe = names.slice(0, mostNames).map((name) => conceal(name, longestWord))
  const shown = [...new Set(safe)].map((name) => printable(JSON.stringify(name)))
  const rest = names.length > mostNames ? ` and ${names.length - mostNames} more` : ''
  const has = names.length === 0 ? 'none at all' : `${shown.join(', ')}${rest}`
  return `it knows no application pool ${wanted.map((pool) => JSON.stringify(pool)).join(' or ')}; it has ${has}`
}
