import { isDeepStrictEqual } from 'node:util'
import type { FarmDefinition } from '../config/config.ts'
import { type Candidate, type NamedNodes, nameNodes } from '../config/farm/node_names.ts'
import type { Problem } from '../config/yaml/problem.ts'
import type { Farm } from '../model/farm.ts'
import type { Clock } from '../runtime/clock.ts'
import { hourMs } from '../runtime/duration.ts'
import { firstOfMany } from '../runtime/first_of_many.ts'
import { fullBucket, type Rate, takeTokens } from '../runtime/token_bucket.ts'
import { type Resolve, startDnsSource, systemResolve } from './dns_source.ts'
import { type ReadTargets, startFileSource } from './file_source.ts'
import { type ReadWebFarm, startIisSource } from './iis_source.ts'
import {
  type DiscoveryMemory,
  farmProblem,
  type GoodAnswers,
  reportChanges,
  type Source,
  type SourceOptions,
  tooManyNodes,
} from './node_source.ts'

export type { DiscoveryMemory } from './node_source.ts'

/** The kinds of discovery: the label `kind` of the failures. */
const discoveryKinds = ['dns', 'file', 'iis'] as const

type DiscoveryKind = (typeof discoveryKinds)[number]

export interface DiscoveryOptions {
  readonly clock: Clock
  /** Replaces the system's resolver. */
  readonly resolve?: Resolve
  readonly readTargets: ReadTargets
  readonly readWebFarm: ReadWebFarm
  /** Pass the same one at every start, so that a reload loses no nodes to a source that fails just then. */
  readonly memory?: DiscoveryMemory
  /**
   * Called with all farms when every source has answered or failed for the first time, and again at each change; never
   * before `startDiscovery` returns. A farm that did not change is the same object as before.
   */
  readonly onFarms: (farms: readonly Farm[]) => void
  /** Called with something for a person to look at: when it begins, not at each attempt. */
  readonly onProblem: (problem: Problem, farm: string) => void
  /** Called when the problems of one kind of discovery are over. */
  readonly onMended?: (farm: string, kind: DiscoveryKind) => void
  /** Called at each attempt that failed. */
  readonly onFailure: (farm: string, kind: DiscoveryKind) => void
}

export interface Discovery {
  stop(): Promise<void>
}

/** Completes the farms with the nodes that their sources know, and keeps them complete until stopped. */
export function startDiscovery(definitions: readonly FarmDefinition[], options: DiscoveryOptions): Discovery {
  let reported: readonly Farm[] | undefined
  let stopped = false
  const { memory = new Map() } = options
  const asked: DiscoveryMemory = new Map()
  const recall = (question: string): GoodAnswers => {
    const answers = asked.get(question) ?? memory.get(question) ?? new Map()
    asked.set(question, answers)
    return answers
  }
  const followed = definitions.map((definition) => followFarm(definition, recall, options, report))
  // What nobody asks any more is forgotten.
  for (const question of memory.keys()) if (!asked.has(question)) memory.delete(question)
  for (const [question, answers] of asked) memory.set(question, answers)

  function report(): void {
    const farms = followed.map(({ farm }) => farm()).filter((farm) => farm !== undefined)
    if (stopped || farms.length < followed.length) return
    if (reported !== undefined && farms.every((farm, index) => farm === reported?.[index])) return
    reported = farms
    options.onFarms(farms)
  }

  queueMicrotask(report)
  return {
    async stop() {
      stopped = true
      await Promise.all(followed.flatMap(({ sources }) => sources.map((source) => source.stop())))
    },
  }
}

/** All nodes of a farm may be replaced so many times an hour: each name is remembered by the journal. */
const renewals = 10

interface FollowedFarm {
  /** Undefined until every source has answered or failed for the first time. */
  readonly farm: () => Farm | undefined
  readonly sources: readonly Source[]
}

function followFarm(
  { farm, discover }: FarmDefinition,
  recall: SourceOptions['recall'],
  { clock, resolve = systemResolve, readTargets, readWebFarm, ...report }: DiscoveryOptions,
  onChange: () => void,
): FollowedFarm {
  const known = new Map<DiscoveryKind, readonly Candidate[]>()
  const expected = discoveryKinds.filter((kind) => discover?.[kind] !== undefined)
  const onProblem = (problem: Problem) => report.onProblem(problem, farm.name)
  const reportRemarks = reportChanges(onProblem)
  const maxNodes = discover?.maxNodes ?? 0
  const newcomers: Rate = { burst: renewals * maxNodes, intervalMs: hourMs / (renewals * maxNodes) }
  let bucket = fullBucket(newcomers)
  let current: Farm | undefined = expected.length === 0 ? farm : undefined

  function update(): void {
    if (known.size < expected.length) return
    const candidates = expected.flatMap((kind) => known.get(kind) ?? [])
    const { nodes, remarks } = namedNodes(candidates)
    reportRemarks(
      remarks.length === 0 ? undefined : farmProblem(farm.name, 'discover', firstOfMany(remarks, 5, '; ')),
    )
    if (!isDeepStrictEqual(nodes, current?.nodes)) current = { ...farm, nodes }
    onChange()
  }

  /** More nodes than the configuration allows are not probed at all: a part would look like the whole. */
  function namedNodes(candidates: readonly Candidate[]): NamedNodes {
    const old = current?.nodes ?? farm.nodes
    const keep = (why: string) => ({
      nodes: old,
      remarks: [`${why}; keeping the last ${old.length} nodes`],
    })
    if (candidates.length > maxNodes) return keep(tooManyNodes(candidates.length, maxNodes))
    const named = nameNodes(farm.nodes, candidates)
    const known = new Set(old.map(({ name }) => name))
    const wanted = named.nodes.filter(({ name }) => !known.has(name)).length
    const { taken, bucket: left } = takeTokens(bucket, wanted, newcomers, clock.monotonicMs())
    if (taken < wanted)
      return keep(`more than ${newcomers.burst} new nodes in an hour, ${renewals} times max_nodes; raise it`)
    bucket = left
    return named
  }

  const optionsOf = (kind: DiscoveryKind): SourceOptions => ({
    clock,
    recall,
    maxNodes,
    farm: farm.name,
    events: {
      found(candidates) {
        known.set(kind, candidates)
        update()
      },
      failed: () => report.onFailure(farm.name, kind),
      problem: onProblem,
      mended: () => report.onMended?.(farm.name, kind),
    },
  })

  const { dns, file, iis } = discover ?? {}
  const sources = [
    dns && startDnsSource(dns, resolve, optionsOf('dns')),
    file && startFileSource(file, readTargets, optionsOf('file')),
    iis && startIisSource(iis, readWebFarm, optionsOf('iis')),
  ]
  return { farm: () => current, sources: sources.filter((source) => source !== undefined) }
}
