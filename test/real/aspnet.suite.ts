/** Real ASP.NET behind three balancers, `npm run test:aspnet`: the kinds `aspnet…` of the zoo at 5 s, for a minute each. */
import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { againstLive } from '../../proof/explain/against_live.ts'
import { luckyShare } from '../../proof/truth/goals/luck.ts'
import { asText } from '../../proof/truth/tables/print_table.ts'
import { aspnetKinds } from '../../proof/truth/zoo/kinds/aspnet.ts'
import { explain } from '../../proof/truth/zoo/score/explain.ts'
import { isNear } from '../../proof/truth/zoo/score/first_requests.ts'
import type { FormScore } from '../../proof/truth/zoo/score/forms.ts'
import { type Score, sumOf } from '../../proof/truth/zoo/score/score.ts'
import { tablesOf } from '../../proof/truth/zoo/score/tables.ts'
import { plansOf, watchFarms } from '../../proof/truth/zoo/watch_farms.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'

const every = { seed: 1, forMs: 60_000, intervalsMs: [5000] }

/** Whether `good` of `all` is no worse than bad luck makes a detector that just reaches the goal: in a minute there are few. */
const reaches = (goal: number, good: number, all: number) => luckyShare(all - good, all, 1 - goal)

suiteWith(
  'apache2',
  'mod-mono-server4',
  'nginx',
  'haproxy',
  'setpriv',
)('ASP.NET nodes that restart on their own, behind three balancers', () => {
  const farms: FormScore[] = []
  const failures: string[] = []

  beforeAll(async () => {
    const plans = aspnetKinds.flatMap((kind) => plansOf(kind, every))
    await watchFarms(
      plans,
      {
        starting: (name) => console.log(`${name}: starting`),
        watched: (name, farm) => {
          console.log(`${name}: done`)
          farms.push(...farm.forms)
        },
        failed: (name, error, again) => {
          console.log(`${name}: ${String(error)}`)
          if (!again) failures.push(name)
        },
      },
      new AbortController().signal,
    )
    const tables = tablesOf(farms.map(({ recording, score }) => ({ name: recording, score })))
    const notes = farms.flatMap(({ recording, score }) => explain(recording, score))
    console.log([...tables.map(asText), ...notes].join('\n\n'))
  }, 900_000)

  const of = (identity: boolean): Score => {
    const own = farms.filter(({ recording }) => recording.identity === identity)
    const sum = sumOf(own.map(({ score }) => score))
    if (sum === undefined) throw new Error('no farm ran')
    return sum
  }

  test('all run', () => {
    expect(failures).toEqual([])
    expect(farms).toHaveLength(6)
  })

  test('restart in the time that is scored, on every farm', () => {
    const idle = farms.filter(({ score }) => score.recycles.happened === 0)
    expect(idle.map(({ recording }) => recording.kind)).toEqual([])
  })

  test('have their recycles found with identity', () => {
    const { due, found, reported, right } = of(true).recycles
    expect(due).toBeGreaterThan(5)
    expect({ found, right }).toEqual({ found: due, right: reported })
  })

  test('have their recycles found without identity', () => {
    const { due, found, reported, right } = of(false).recycles
    expect(due).toBeGreaterThan(5)
    expect({ found, due, reaches: reaches(0.9, found, due) }).toEqual({ found, due, reaches: true })
    expect(right / reported).toBeGreaterThanOrEqual(0.9)
    expect({ right, reported, reaches: reaches(0.95, right, reported) }).toEqual({
      right,
      reported,
      reaches: true,
    })
  })

  test("have first requests that agree with the node's own log", () => {
    const firsts = [of(true).firsts, of(false).firsts]
    expect(firsts.reduce((sum, { own }) => sum + own, 0)).toBeGreaterThan(5)
    // Told are those that no user can have made, which may be few in so short a time.
    const off = firsts.flatMap((each) => each.off)
    expect(off.filter((each) => !isNear(each)).length).toBeLessThanOrEqual(0.05 * off.length)
    expect(firsts.map(({ reportedForOthers }) => reportedForOthers)).toEqual([0, 0])
  })

  test('have their balancer errors attributed', () => {
    const { errors, named, right, causeNamed, causeRight } = of(true).blame
    expect(errors).toBeGreaterThan(0)
    expect(right / named).toBeGreaterThanOrEqual(0.9)
    expect(causeRight / causeNamed).toBeGreaterThanOrEqual(0.9)
    const shares = {
      named: [named, errors, 0.9],
      right: [right, named, 0.97],
      cause: [causeRight, causeNamed, 0.9],
    } as const
    const missed = Object.entries(shares).filter(([, [good, all, goal]]) => !reaches(goal, good, all))
    expect(missed).toEqual([])
  })

  test("have incidents that explain finds in the servers' logs of the same minutes, by the same culprits and causes", async () => {
    const own = farms.filter(({ recording }) => recording.identity)
    const held = await Promise.all(own.map(({ recording }) => againstLive(recording)))
    const pairs = held.flatMap((each) => each.pairs)
    expect(pairs.length).toBeGreaterThan(0)
    const found = pairs.filter((each) => each.found !== undefined).length
    const same = pairs.filter(
      (each) => each.found?.node === each.live.node && each.found.cause === each.live.cause,
    ).length
    for (const good of [found, same])
      expect({ found, same, pairs: pairs.length, reaches: reaches(0.9, good, pairs.length) }).toMatchObject({
        reaches: true,
      })
  })

  test('leave no process', () => {
    const commands = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [commandOf(name)] : []))
    expect(commands.filter((command) => command.includes('farmprobe-zoo-'))).toEqual([])
  })
})

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
