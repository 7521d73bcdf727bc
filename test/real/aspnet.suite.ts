/** The proof on real ASP.NET in short, `npm run test:aspnet`; in whole it is `npm run truth -- --live aspnet`. */
import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { type FarmResult, programs, watchAspnet } from '../../proof/truth/aspnet/aspnet.ts'
import { farmTable, fitness, type Goal, goalsOf, goalTable, notesOf } from '../../proof/truth/aspnet/goals.ts'
import { asText } from '../../proof/truth/print_table.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'

const forMs = 60_000

suiteWith(...programs)('ASP.NET nodes that restart on their own, behind three balancers', () => {
  let results: readonly FarmResult[]
  let goals: Goal[]

  beforeAll(async () => {
    const watch = await watchAspnet(forMs, (line) => console.log(line))
    results = watch.results
    goals = goalsOf(results)
    const tables = [farmTable(results), goalTable(goals)].map(asText)
    console.log([...tables, fitness(watch), notesOf(results).join('\n')].join('\n\n'))
  }, 420_000)

  const shareOf = (what: string): number => {
    const goal = goals.find((each) => each.what === what)
    if (goal === undefined || goal.of === 0) throw new Error(`nothing happened of: ${what}`)
    return goal.good / goal.of
  }

  test('restart in the time that is scored, on every farm', () => {
    const idle = results.filter(({ score }) => score.recycles.real === 0).map(({ farm }) => farm.name)
    expect(idle).toEqual([])
  })

  test('are seen to restart, by the start time that they show', () => {
    expect(shareOf('recycles with identity: recall')).toBe(1)
    expect(shareOf('recycles with identity: precision')).toBe(1)
  })

  // Of nine in so short a time, one that is missed is 11 %. The goal of 0.9 is for ten minutes: truth/README.md.
  test('are seen to restart, by nothing but how they answer', () => {
    expect(shareOf('recycles without identity: recall')).toBeGreaterThanOrEqual(0.85)
    expect(shareOf('recycles without identity: precision')).toBeGreaterThanOrEqual(0.9)
  })

  test("have their first requests timed within 10 % of the node's own log", () => {
    expect(shareOf("first-request times within 10 % of the node's own log")).toBe(1)
    expect(shareOf('first requests told, of those met')).toBeGreaterThanOrEqual(0.9)
  })

  test("have the balancers' errors explained", () => {
    expect(shareOf('balancer errors, node named by the balancer: explained')).toBeGreaterThanOrEqual(0.9)
    expect(shareOf('balancer errors, node named by the balancer: right of explained')).toBeGreaterThanOrEqual(
      0.9,
    )
  })

  test('leave no process behind', () => {
    const commands = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [commandOf(name)] : []))
    expect(commands.filter((command) => command.includes('farmprobe-aspnet-'))).toEqual([])
  })
})

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
