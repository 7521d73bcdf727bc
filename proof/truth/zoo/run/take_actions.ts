/** Takes the actions that a kind plans for its nodes. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../../../src/runtime/random.ts'
import type { FarmPlan, StartedNode } from './farm.ts'

export interface TakenAction {
  readonly atMs: number
  readonly node: string
  readonly action: string
}

/** Takes each planned action at its time; returns those taken before the abort. Rejects when an action fails. */
export async function takeActions(
  { kind, forMs }: FarmPlan,
  nodes: readonly StartedNode[],
  fromMs: number,
  random: Random,
  signal: AbortSignal,
): Promise<TakenAction[]> {
  const timetable = { random, nodes: nodes.map(({ name }) => name), forS: forMs / 1000 }
  const planned = [...(kind.actions?.(timetable) ?? [])].sort((a, b) => a.atS - b.atS)
  const taken: TakenAction[] = []
  const failures: unknown[] = []
  const running: Promise<unknown>[] = []
  const take = async (node: string, action: string) => {
    const perform = nodes.find(({ name }) => name === node)?.server.actions?.[action]
    if (perform === undefined) throw new Error(`${kind.name}: ${node} has no action ${action}`)
    taken.push({ atMs: Date.now(), node, action })
    await perform()
  }
  for (const { atS, node, action } of planned) {
    const waitMs = Math.max(0, fromMs + atS * 1000 - Date.now())
    const isAborted = await sleep(waitMs, false, { signal }).catch(() => true)
    if (isAborted) break
    running.push(take(node, action).catch((error: unknown) => failures.push(error)))
  }
  await Promise.all(running)
  if (failures.length > 0) throw failures[0]
  return taken
}
