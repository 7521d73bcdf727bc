/** When deeds are done: the ways in which administrators and deploys restart nodes. All are drawn from the farm's own seed. */
import type { Deed, Timetable } from '../kind.ts'

type Plan = (timetable: Timetable) => Deed[]

/** One node or another, about every `everyS` seconds: half as soon or half as late again. */
export const nowAndThen =
  (deed: string, everyS: number): Plan =>
  ({ random, nodes, forS }) => {
    const deeds: Deed[] = []
    for (let atS = everyS * random(); atS < forS; atS += everyS * (0.5 + random()))
      deeds.push({ atS, node: nodes[Math.floor(random() * nodes.length)] ?? '', deed })
    return deeds
  }

/** One node after the other, `gapS` apart, again and again with a rest of `restS` between. */
export const oneAfterTheOther =
  (deed: string, gapS: number, restS: number): Plan =>
  ({ random, nodes, forS }) => {
    const deeds: Deed[] = []
    for (let atS = restS * random(); atS < forS; atS += restS * (0.5 + random()))
      for (const node of nodes) {
        deeds.push({ atS, node, deed })
        atS += gapS
      }
    return deeds.filter(({ atS }) => atS < forS)
  }

/** All nodes within `withinS` seconds, in any order, about every `everyS` seconds. */
export const allWithin =
  (deed: string, withinS: number, everyS: number): Plan =>
  ({ random, nodes, forS }) => {
    const deeds: Deed[] = []
    for (let atS = everyS * random() * 0.5; atS < forS - withinS; atS += everyS * (0.75 + 0.5 * random()))
      for (const node of nodes) deeds.push({ atS: atS + withinS * random(), node, deed })
    return deeds
  }

/** The same node every `apartS` seconds, `times` in a row; then the next. */
export const inARow =
  (deed: string, apartS: number, times: number): Plan =>
  ({ random, nodes, forS }) => {
    const deeds: Deed[] = []
    let atS = apartS * random()
    for (let turn = 0; atS < forS; turn++)
      for (let time = 0; time < times; time++, atS += apartS)
        deeds.push({ atS, node: nodes[turn % nodes.length] ?? '', deed })
    return deeds.filter(({ atS }) => atS < forS)
  }

export const both =
  (...plans: readonly Plan[]): Plan =>
  (timetable) =>
    plans.flatMap((plan) => plan(timetable))
