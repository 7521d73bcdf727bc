/** When actions are taken: typical ways in which administrators and deploys restart nodes, drawn from the farm's seed. */
import type { Action, Timetable } from '../kind.ts'

type Plan = (timetable: Timetable) => Action[]

/** A random node, every `everyS` seconds on average. */
export const nowAndThen =
  (action: string, everyS: number): Plan =>
  ({ random, nodes, forS }) => {
    const actions: Action[] = []
    for (let atS = everyS * random(); atS < forS; atS += everyS * (0.5 + random()))
      actions.push({ atS, node: nodes[Math.floor(random() * nodes.length)] ?? '', action })
    return actions
  }

/** Every node in turn, `gapS` apart, then a rest of about `restS`, and again. */
export const oneAfterTheOther =
  (action: string, gapS: number, restS: number): Plan =>
  ({ random, nodes, forS }) => {
    const actions: Action[] = []
    for (let atS = restS * random(); atS < forS; atS += restS * (0.5 + random()))
      for (const node of nodes) {
        actions.push({ atS, node, action })
        atS += gapS
      }
    return actions.filter(({ atS }) => atS < forS)
  }

/** All nodes within `withinS` seconds, in random order, about every `everyS` seconds. */
export const allWithin =
  (action: string, withinS: number, everyS: number): Plan =>
  ({ random, nodes, forS }) => {
    const actions: Action[] = []
    for (let atS = everyS * random() * 0.5; atS < forS - withinS; atS += everyS * (0.75 + 0.5 * random()))
      for (const node of nodes) actions.push({ atS: atS + withinS * random(), node, action })
    return actions
  }

/** One node every `apartS` seconds, `times` in a row; then the next node. */
export const inARow =
  (action: string, apartS: number, times: number): Plan =>
  ({ random, nodes, forS }) => {
    const actions: Action[] = []
    let atS = apartS * random()
    for (let turn = 0; atS < forS; turn++)
      for (let time = 0; time < times; time++, atS += apartS)
        actions.push({ atS, node: nodes[turn % nodes.length] ?? '', action })
    return actions.filter(({ atS }) => atS < forS)
  }

export const both =
  (...plans: readonly Plan[]): Plan =>
  (timetable) =>
    plans.flatMap((plan) => plan(timetable))
