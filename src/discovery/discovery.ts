import { isDeepStrictEqual } from 'node:util'
import type { FarmDefinition } from '../config/config.ts'
import { type Candidate, nameNodes } from '../config/farm/node_names.ts'
import type { Problem } from '../config/yaml/problem.ts'
import type { Farm } from '../model/farm.ts'
import type { Clock } from '../runtime/clock.ts'
import { type Resolve, startDnsSource, systemResolve } from './dns_source.ts'
import { startFileSource } from './file_source.ts'
import { type ReadWebFarm, startIisSource } from './iis_source.ts'
import { type DiscoveryMemory, onlyNews, type Source, type SourceEvents } from './node_source.ts'

export type { DiscoveryMemory } from './node_source.ts'

/** How nodes are discovered: the `kind` label of the failures. */
const discoveryKinds = ['dns', 'file', 'iis'] as const

type DiscoveryKind = (typeof discoveryKinds)[number]

export interface DiscoveryOptions {
  readonly clock: Clock
  /** Replaces the system's resolver. */
  readonly resolve?: Resolve
  /** Reads the servers of a web farm out of an IIS configuration. */
  readonly readWebFarm: ReadWebFarm
  /** Hand over the same one at every start, so that a reload loses no node to a source that fails just then. */
  readonly memory?: DiscoveryMemory
  /**
   * Gets all farms when every source has answered or failed for the first time, and again at each change; never
   * before `startDiscovery` returns. A farm that did not change is the same object as before.
   */
  readonly onFarms: (farms: readonly Farm[]) => void
  /** Gets what a person should look at: when it begins, not at each attempt. */
  readonly onProblem: (problem: Problem, farm: string) => void
  /** What `onProblem` was told of one kind of discovery is over. */
  readonly onMended?: (farm: string, kind: DiscoveryKind) => void
  /** Called at each attempt that failed. */
  readonly onFailure: (farm: string, kind: DiscoveryKind) => void
}

export interface Discovery {
  stop(): Promise<void>
}

/** Completes the farms with the nodes that their sources know, and keeps them complete until stopped. */
export function startDiscovery(definitions: readonly FarmDefinition[], options: DiscoveryOptions): Discovery {
  let told: readonly Farm[] | undefined
  let stopped = false
  const watched = definitions.map((definition) => watchFarm(definition, options, tell))

  function tell(): void {
    if (stopped || watched.some(({ farm }) => farm() === undefined)) return
    const farms = watched.map(({ farm }) => farm()).filter((farm) => farm !== undefined)
    if (told !== undefined && farms.every((farm, index) => farm === told?.[index])) return
    told = farms
    options.onFarms(farms)
  }

  queueMicrotask(tell)
  return {
    async stop() {
      stopped = true
      await Promise.all(watched.flatMap(({ sources }) => sources.map((source) => source.stop())))
    },
  }
}

interface WatchedFarm {
  /** Undefined until every source has answered or failed for the first time. */
  readonly farm: () => Farm | undefined
  readonly sources: readonly Source[]
}

function watchFarm(
  { farm, discover }: FarmDefinition,
  options: DiscoveryOptions,
  changed: () => void,
): WatchedFarm {
  const { clock, resolve = systemResolve, readWebFarm, memory = new Map(), onFailure } = options
  const known = new Map<DiscoveryKind, readonly Candidate[]>()
  const expected = discoveryKinds.filter((kind) => discover?.[kind] !== undefined)
  const onProblem = (problem: Problem) => options.onProblem(problem, farm.name)
  const report = onlyNews(onProblem)
  let current: Farm | undefined = expected.length === 0 ? farm : undefined

  function update(): void {
    if (known.size < expected.length) return
    const candidates = expected.flatMap((kind) => known.get(kind) ?? [])
    const { nodes, remarks } = nameNodes(farm.nodes, candidates)
    report(remarks.length === 0 ? undefined : ofFarm(farm.name, remarks.join('; ')))
    if (!isDeepStrictEqual(nodes, current?.nodes)) current = { ...farm, nodes }
    changed()
  }

  const events = (kind: DiscoveryKind): SourceEvents => ({
    found(candidates) {
      known.set(kind, candidates)
      update()
    },
    failed: () => onFailure(farm.name, kind),
    problem: onProblem,
    mended: () => options.onMended?.(farm.name, kind),
  })

  const sources: Source[] = []
  if (discover?.dns !== undefined)
    sources.push(startDnsSource(farm.name, discover.dns, { clock, resolve, memory }, events('dns')))
  if (discover?.file !== undefined)
    sources.push(startFileSource(farm.name, discover.file, { clock, memory }, events('file')))
  if (discover?.iis !== undefined)
    sources.push(startIisSource(farm.name, discover.iis, { clock, memory, readWebFarm }, events('iis')))
  return { farm: () => current, sources }
}

const ofFarm = (farm: string, message: string): Problem => ({
  file: `farm ${farm}`,
  line: 0,
  column: 0,
  path: 'discover',
  message,
})
