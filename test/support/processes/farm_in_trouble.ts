import { expect } from 'vitest'
import { codeClass } from '../../../src/model/outcome.ts'
import { eventually } from '../eventually.ts'
import { select, totalBy } from '../rules/exposition.ts'
import type { BalancerLine, BalancerOptions } from './balancer_files.ts'
import { type Farmprobe, type Settled, settled, startFarmprobe } from './farmprobe_process.ts'
import type { RealBalancer } from './real_balancer.ts'
import { moreAnswers, type ScriptedNodes, shopConfig, startScriptedNodes } from './real_farm.ts'

/** Both sides of the join after everything that can go wrong with nodes. */
export interface Passed extends Settled {
  readonly nodes: ScriptedNodes
  /** The ids that each node was sent, directly and through the balancer. */
  readonly reached: readonly (readonly string[])[]
  /** Those among them that farmprobe never told of. */
  readonly strangers: readonly string[]
}

/** Takes a farm of three nodes through every trouble while it is probed, then joins both sides. */
export async function throughTrouble(
  startBalancer: (options: BalancerOptions) => Promise<RealBalancer>,
  options: { readonly retry: boolean; readonly interval: string },
  look: (passed: Passed) => void,
): Promise<void> {
  await using nodes = await startScriptedNodes('a', 'b', 'c')
  const addresses = nodes.all.map(({ address }) => address)
  await using balancer = await startBalancer({ nodes: addresses, timeoutMs: 400, retry: options.retry })
  const { interval } = options
  const check = { interval, timeout: '2s', burst: { interval: '100ms', for: '5s' } }
  await using farmprobe = await startFarmprobe(
    shopConfig({ balancer: balancer.address, nodes: nodes.all, check }),
  )
  const met = async (name: string, reason: string) => {
    await moreAnswers(balancer, 6)
    const found = () => farmprobe.probes().some((probe) => probe.target === name && probe.reason === reason)
    await eventually(`${name} probed with ${reason}`, found, Boolean)
  }
  await everyTrouble(nodes, () => moreAnswers(balancer, 6), met)
  const joined = await settled(farmprobe, balancer.log)
  const reached = nodes.all.map(({ requests }) => requests.map(({ id }) => id))
  look({ ...joined, nodes, reached, strangers: await strangers(reached.flat(), farmprobe) })
}

/**
 * Each trouble lasts until the balancer has answered often enough to have met every node twice, and, where it shows in a
 * way of its own, until a probe of the node has met it.
 */
async function everyTrouble(
  nodes: ScriptedNodes,
  aWhile: () => Promise<void>,
  met: (node: string, reason: string) => Promise<void>,
): Promise<void> {
  const [a, b, c] = [nodes.named('a'), nodes.named('b'), nodes.named('c')]
  await aWhile()
  await a.kill()
  await met('a', 'refused')
  await a.restart({ coldMs: 800 })
  await aWhile()
  b.behave({ does: 'stall' })
  await met('b', 'first_byte_timeout')
  b.behave({ does: 'answer' })
  c.behave({ does: 'reset' })
  await met('c', 'reset')
  c.behave({ does: 'close' })
  await met('c', 'closed')
  c.behave({ does: 'answer' })
  a.behave({ does: 'answer', status: 503 })
  await aWhile()
  await Promise.all(nodes.all.map((node) => node.kill()))
  await aWhile()
  await Promise.all(nodes.all.map((node) => node.restart()))
  await aWhile()
}

/** Farmprobe's counters and log say the same as the balancer's log, code by code and request by request. */
export function expectJoined({ metrics, log, probes, nodes, reached, strangers }: Passed): void {
  const ours = probes.filter(({ role }) => role === 'balancer')
  expect(byId(ours)).toEqual(byId(log))
  expect(log.length, 'one request per probe').toBe(ours.length)
  const ofBalancer = { role: 'balancer' }
  expect(totalBy(select(metrics, 'farmprobe_responses_total', ofBalancer), 'code')).toEqual(byCode(log))
  const gatewayErrors = log.filter(({ status }) => [502, 503, 504].includes(status))
  expect(totalBy(select(metrics, 'farmprobe_gateway_errors_total', ofBalancer), 'code')).toEqual(
    byCode(gatewayErrors),
  )
  expect(totalBy(select(metrics, 'farmprobe_served_by_total', { code: '2xx' }), 'node')).toEqual(
    servedBy(log, nodes),
  )
  expect(strangers, 'whatever reached a node came from a probe').toEqual([])
  for (const ids of reached) expect(ids.length, 'and came once').toBe(new Set(ids).size)
}

/** Requests that are no probe's, after those under way have had time to end. */
async function strangers(reached: readonly string[], farmprobe: Farmprobe): Promise<string[]> {
  const unknown = () => {
    const known = new Set(farmprobe.probes().map(({ id }) => id))
    return reached.filter((id) => !known.has(id))
  }
  return eventually('every request being a probe of ours', unknown, ({ length }) => length === 0).catch(
    unknown,
  )
}

const byId = (answers: readonly { readonly id: string; readonly status: number }[]) =>
  Object.fromEntries(answers.map(({ id, status }) => [id, status]))

export function byCode(log: readonly BalancerLine[]): Record<string, number> {
  return count(log.map(({ status }) => codeClass(status) ?? 'none'))
}

function servedBy(log: readonly BalancerLine[], nodes: ScriptedNodes): Record<string, number> {
  const names = new Map(nodes.all.map(({ address, name }) => [address, name]))
  return count(log.filter(({ status }) => status === 200).map(({ node }) => names.get(node) ?? 'other'))
}

function count(words: readonly string[]): Record<string, number> {
  return Object.fromEntries([...new Set(words)].map((word) => [word, words.filter((w) => w === word).length]))
}

export const reasonsOf = ({ probes }: Settled, target: string) =>
  new Set(probes.filter((probe) => probe.target === target).map(({ reason }) => reason))
