import type { Discover, FarmDefinition } from '../../../src/config/load_config.ts'
import { formatProblem } from '../../../src/config/yaml/problem.ts'
import { readTextFile } from '../../../src/config/yaml/text_file.ts'
import { type DiscoveryMemory, startDiscovery } from '../../../src/discovery/discovery.ts'
import { readTargets } from '../../../src/discovery/file_sd.ts'
import type { ReadTargets } from '../../../src/discovery/file_source.ts'
import { readWebFarm } from '../../../src/iis/read/read_web_farm.ts'
import type { Farm } from '../../../src/model/farm.ts'
import { type Clock, systemClock } from '../../../src/runtime/clock.ts'
import { sampleFarm } from '../farms/sample_farm.ts'

export interface Discovering extends AsyncDisposable {
  /** The next list of farms that was not asked for yet, as lines `name scheme://host:port` of the first farm. */
  next(): Promise<string[]>
  /** All lists of farms so far. */
  readonly reported: (readonly Farm[])[]
  readonly problems: string[]
  /** `farm kind` for each failure. */
  readonly failures: string[]
  /** `farm kind` for each problem that ended. */
  readonly mended: string[]
  stop(): Promise<void>
}

/** A farm without listed nodes that discovers them. */
export function discoveringFarm(discover: Partial<Discover> | undefined, name = 'intranet'): FarmDefinition {
  const maxNodes = 1000
  return { farm: sampleFarm({ name, nodes: [] }), ...(discover && { discover: { maxNodes, ...discover } }) }
}

/** Starts the discovery and keeps what it says. */
export function discovering(
  definitions: readonly FarmDefinition[],
  options: {
    readonly clock?: Clock
    readonly resolve?: (name: string) => Promise<readonly string[]>
    readonly memory?: DiscoveryMemory
    readonly readTargets?: ReadTargets
  } = {},
): Discovering {
  const reported: (readonly Farm[])[] = []
  const problems: string[] = []
  const failures: string[] = []
  const mended: string[] = []
  let waiting: (() => void) | undefined
  let given = 0
  const discovery = startDiscovery(definitions, {
    clock: systemClock,
    readTargets: (file, source) => readTargets(file, source, readTextFile),
    readWebFarm,
    ...options,
    onFarms(farms) {
      reported.push(farms)
      waiting?.()
    },
    onProblem: (problem) => problems.push(formatProblem(problem)),
    onMended: (farm, kind) => mended.push(`${farm} ${kind}`),
    onFailure: (farm, kind) => failures.push(`${farm} ${kind}`),
  })
  return {
    reported,
    problems,
    failures,
    mended,
    async next() {
      while (reported[given] === undefined) await new Promise<void>((resolve) => (waiting = resolve))
      const nodes = reported[given++]?.[0]?.nodes ?? []
      return nodes.map(({ name, scheme, host, port }) => `${name} ${scheme}://${host}:${port}`)
    },
    stop: () => discovery.stop(),
    [Symbol.asyncDispose]: () => discovery.stop(),
  }
}
