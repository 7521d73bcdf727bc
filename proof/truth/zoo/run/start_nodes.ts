/** Starts the nodes of a farm, each a server of its own, and waits until all of them are warm. */
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../../../src/runtime/random.ts'
import { slowCheckEvery } from '../farm_config.ts'
import type { NodeSetting } from '../kind.ts'
import { draw, type FarmRun, type StartedNode } from './farm.ts'

const nodeCount = 3
const warmWithinMs = 60_000

export async function startNodes(farm: FarmRun, signal: AbortSignal): Promise<StartedNode[]> {
  const { plan, addresses } = farm
  const started: StartedNode[] = []
  for (let index = 0; index < (plan.kind.nodes ?? nodeCount); index++) {
    const setting = settingOf(farm, index)
    mkdirSync(setting.dir, { mode: 0o755 })
    chmodSync(setting.dir, 0o777)
    const server = await plan.kind.startNode(setting)
    const address = `${addresses.node(index)}:${addresses.port}`
    started.push({ name: setting.name, address, server, log: logIn(setting.dir) })
  }
  // farmprobe comes to a farm that works: the first start of each node is not scored.
  await Promise.all(started.map((node) => warm(node, signal)))
  return started
}

const logIn = (dir: string): string => join(dir, 'application.log')

function settingOf({ plan, folder, addresses, programs, random }: FarmRun, index: number): NodeSetting {
  const { kind, intervalMs } = plan
  const name = `web0${index + 1}`
  const dir = join(folder, name)
  const count = kind.nodes ?? nodeCount
  const probes = (1 + 1 / count) * (1 + 1 / slowCheckEvery) * (1000 / intervalMs)
  const perSecond = probes + kind.users.perSecond / count + (kind.balancer.health === true ? 1 : 0)
  return {
    name,
    index,
    host: addresses.node(index),
    port: addresses.port,
    dir,
    env: {
      ZOO_NODE: name,
      ZOO_LOG: logIn(dir),
      ZOO_COLD_MS: String(kind.coldMs),
      ZOO_SLOW_MS: String(kind.slowMs),
    },
    random: seededRandom(draw(random)),
    requestsIn: (seconds) => Math.max(2, Math.round(perSecond * seconds)),
    start: (program) => programs.start(program),
  }
}

async function warm({ name, address }: StartedNode, signal: AbortSignal): Promise<void> {
  const until = performance.now() + warmWithinMs
  for (;;) {
    const text = await fetch(`http://${address}/`, { signal })
      .then((response) => response.text())
      .catch(String)
    if (text.includes('Welcome')) return
    if (performance.now() > until) throw new Error(`${name} does not answer as expected: ${text}`)
    await sleep(200, undefined, { signal })
  }
}
