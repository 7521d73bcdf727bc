import { describe, expect, test } from 'vitest'
import {
  advanceCrosscheck,
  observeAnswer,
  observeReading,
  observeRecycle,
  observeWritten,
  type Reach,
} from '../../src/crosscheck/compare_recycles.ts'
import { createCrosscheck, type Finding } from '../../src/crosscheck/crosscheck_state.ts'
import type { PoolReading } from '../../src/crosscheck/pool_ledger.ts'
import type { EndReason } from '../../src/model/workers.ts'

const reach: Reach = { toleranceMs: 120_000, outsideMs: 5000, timeoutMs: 30_000 }
const everyS = 15

const recycle = (was: PoolReading) => ({
  created: (was.created ?? 0) + 1,
  recycles: (was.recycles ?? 0) + 1,
  pids: [`${(was.created ?? 0) + 100}`],
})

const twoMore = ({ created = 0 }: PoolReading) => ({ created: created + 2, pids: ['1', '2'] })

/** A node in simulated time, in seconds: what is read inside, reported outside and concluded. */
function aNode(settings: Reach = reach) {
  const state = createCrosscheck()
  const findings: Finding[] = []
  let pools: Record<string, PoolReading> = { shop: { pids: ['40'], created: 7, recycles: 2, failures: 0 } }
  let now = 0
  let down = false
  let silent = false
  const events: { at: number; act: () => void }[] = []
  const change = (pool: string, different: (was: PoolReading) => Partial<PoolReading>) => {
    const was = pools[pool] ?? { pids: [] }
    pools = { ...pools, [pool]: { ...was, ...different(was) } }
  }
  return {
    findings,
    /** How much waits for a counterpart. */
    waiting: () => state.inside.length + state.outside.length,
    /** What happens at a second. */
    at: (second: number, act: () => void) => void events.push({ at: second, act }),
    recycleInside: (pool = 'shop') => change(pool, recycle),
    change,
    exporterDown: (is: boolean) => void (down = is),
    nodeSilent: (is: boolean) => void (silent = is),
    /** Told `lateS` after the new worker's first answer began. */
    tellOutside(lateS = 1) {
      const atMs = (now - lateS) * 1000
      const seen = { atMs, reportedMs: now * 1000, evidence: 'identity', confidence: 0.99 } as const
      findings.push(...observeRecycle(state, seen, settings))
    },
    /** WAS's event of a second, which comes now; `covered`: it wrote nothing else between these. */
    write(second: number, reason: EndReason = 'schedule', covered?: readonly [fromS: number, toS: number]) {
      const end = { atMs: second * 1000, id: 5076, reason, what: 'recycled', pool: 'shop', process: '' }
      const within = covered && { covered: { fromMs: covered[0] * 1000, toMs: covered[1] * 1000 } }
      findings.push(...observeWritten(state, { ends: [end], ...within }, settings))
    },
    cover: (fromS: number, toS: number) =>
      void findings.push(
        ...observeWritten(state, { ends: [], covered: { fromMs: fromS * 1000, toMs: toS * 1000 } }, settings),
      ),
    setBack: (seconds: number) => void (now -= seconds),
    play(toS: number) {
      const startS = now
      for (let step = startS; step < toS; step++) {
        for (const each of events) if (each.at === step) each.act()
        if (!silent && step % 5 === 0) observeAnswer(state, now * 1000 + 20)
        if (!down && step % everyS === 0)
          findings.push(
            ...observeReading(
              state,
              new Map(Object.entries(pools)),
              { startedMs: now * 1000, endedMs: now * 1000 + 50 },
              settings,
            ),
          )
        findings.push(...advanceCrosscheck(state, now * 1000, settings))
        now++
      }
      return findings.map(({ seen }) => seen)
    },
  }
}

describe('a recycle that both see', () => {
  test('is matched with what each saw', () => {
    const node = aNode()
    node.at(302, () => node.recycleInside())
    node.at(306, () => node.tellOutside(3))
    expect(node.play(1200)).toEqual(['both'])
    expect(node.findings[0]).toEqual({
      atMs: 303_000,
      seen: 'both',
      outside: { atMs: 303_000, evidence: 'identity', confidence: 0.99 },
      inside: { fromMs: 300_000, toMs: 315_050, cause: 'recycle', workers: 1, pools: ['shop'] },
    })
  })

  test('is matched whichever sees it first', () => {
    const node = aNode()
    node.at(299, () => node.recycleInside())
    node.at(303, () => node.tellOutside(1))
    expect(node.play(1200)).toEqual(['both'])
  })

  test('is matched though the new worker warms up for a minute and a half before it takes over', () => {
    const node = aNode()
    node.at(302, () => node.recycleInside())
    node.at(392, () => node.tellOutside())
    expect(node.play(1200)).toEqual(['both'])
  })

  test('is matched though the shutdown notice comes a minute before the new worker is started', () => {
    const node = aNode()
    node.at(302, () => node.tellOutside())
    node.at(362, () => node.recycleInside())
    expect(node.play(1200)).toEqual(['both'])
  })

  test('is matched without any tolerance, though the probe comes an interval after the reading', () => {
    const node = aNode({ ...reach, toleranceMs: 0 })
    node.at(302, () => node.recycleInside())
    node.at(320, () => node.tellOutside())
    expect(node.play(1200)).toEqual(['both'])
  })

  test('counts as two when more than the tolerance lies between', () => {
    const node = aNode()
    node.at(302, () => node.recycleInside())
    node.at(460, () => node.tellOutside())
    expect(node.play(1200)).toEqual(['inside', 'outside'])
  })

  test('is the nearer of two candidates', () => {
    const node = aNode()
    node.at(302, () => node.recycleInside())
    node.at(362, () => node.recycleInside())
    node.at(390, () => node.tellOutside())
    expect(node.play(1200)).toEqual(['both', 'inside'])
    expect(node.findings.map(({ inside }) => inside?.fromMs)).toEqual([360_000, 300_000])
  })

  test('may be one inside for several workers of a web garden outside, and for two pools', () => {
    const node = aNode()
    node.change('api', () => ({ pids: ['90'], created: 3 }))
    node.at(302, () => node.change('shop', twoMore))
    node.at(302, () => node.recycleInside('api'))
    for (const second of [304, 306, 308]) node.at(second, () => node.tellOutside())
    expect(node.play(1200)).toEqual(['both', 'both', 'both'])
    expect(node.findings[0]?.inside).toMatchObject({ workers: 3, pools: ['shop', 'api'] })
  })
})

describe('a recycle that one side sees', () => {
  test('is reported once, when the other has had its time', () => {
    const inside = aNode()
    inside.at(302, () => inside.recycleInside())
    expect(inside.play(460)).toEqual([])
    expect(inside.play(1200)).toEqual(['inside'])
    const outside = aNode()
    outside.at(302, () => outside.tellOutside())
    expect(outside.play(420)).toEqual([])
    expect(outside.play(1200)).toEqual(['outside'])
    expect(outside.findings[0]).toEqual({
      atMs: 301_000,
      seen: 'outside',
      outside: { atMs: 301_000, evidence: 'identity', confidence: 0.99 },
    })
  })

  test('is no disagreement before readings began', () => {
    const node = aNode()
    node.at(60, () => node.tellOutside())
    expect(node.play(1200)).toEqual([])
  })

  test('is no disagreement while the node does not answer; once it does, it is', () => {
    const node = aNode()
    node.at(301, () => node.nodeSilent(true))
    node.at(302, () => node.recycleInside())
    expect(node.play(3600)).toEqual([])
    node.nodeSilent(false)
    expect(node.play(3700)).toEqual(['inside'])
  })
})

describe('an exporter that is down', () => {
  test('is no disagreement: what it counted meanwhile is matched when it can be read again', () => {
    const node = aNode()
    node.at(301, () => node.exporterDown(true))
    for (const second of [400, 900]) node.at(second, () => node.recycleInside())
    for (const second of [403, 903]) node.at(second, () => node.tellOutside())
    expect(node.play(3600)).toEqual([])
    node.exporterDown(false)
    expect(node.play(4800)).toEqual(['both', 'both'])
  })

  test('is none either when its counters started over meanwhile: what came before is not known', () => {
    const node = aNode()
    node.at(301, () => node.exporterDown(true))
    node.at(403, () => node.tellOutside())
    node.at(903, () => node.tellOutside())
    node.at(2000, () => node.change('shop', () => ({ created: 1, recycles: 0, pids: ['7'] })))
    node.at(3000, () => node.exporterDown(false))
    expect(node.play(4800)).toEqual(['both'])
  })

  test('may be down for days while the node recycles, and memory stays small', () => {
    const node = aNode()
    node.exporterDown(true)
    for (let second = 100; second < 100_000; second += 100) node.at(second, () => node.tellOutside())
    node.play(100_000)
    expect(node.waiting()).toBe(64)
    node.exporterDown(false)
    expect(node.play(101_000)).toEqual([])
  })
})

describe('what WAS wrote', () => {
  test('comes with the recycle where it is known in time', () => {
    const node = aNode()
    node.at(302, () => node.recycleInside())
    node.at(303, () => node.write(302))
    node.at(318, () => node.tellOutside(14))
    expect(node.play(1200)).toEqual(['both'])
    expect(node.findings[0]?.inside).toMatchObject({ workers: 1, was: { atMs: 302_000, reason: 'schedule' } })
  })

  test('explains a recycle that was told before, whoever had seen it', () => {
    const node = aNode()
    node.at(302, () => node.recycleInside())
    node.at(306, () => node.tellOutside(3))
    node.at(900, () => node.recycleInside())
    node.at(1800, () => node.tellOutside())
    node.play(3000)
    for (const second of [302, 900, 1798]) node.write(second)
    const shown = node.findings.map(({ seen, late, inside }) => [seen, late, inside?.was?.atMs])
    expect(shown).toEqual([
      ['both', undefined, undefined],
      ['inside', undefined, undefined],
      ['outside', undefined, undefined],
      ['both', 'reason', 302_000],
      ['inside', 'reason', 900_000],
      ['both', 'reason', 1_798_000],
    ])
  })

  test('that was told as missed is told as seen when later waits made it clear from outside', () => {
    const node = aNode()
    node.at(300, () => node.recycleInside())
    node.at(600, () => node.recycleInside())
    node.at(605, () => node.tellOutside(302))
    node.at(606, () => node.tellOutside(3))
    expect(node.play(1800)).toEqual(['inside', 'both', 'both'])
    const [missed, seen] = node.findings
    expect(seen).toMatchObject({ atMs: missed?.atMs, late: 'outside', outside: { atMs: 303_000 } })
    expect(node.findings[2]).toMatchObject({ seen: 'both', outside: { atMs: 603_000 } })
    expect(node.findings[2]).not.toHaveProperty('late')
  })

  test('of each of two workers that were told as missed is told as seen, however late', () => {
    const node = aNode()
    node.at(300, () => node.change('shop', twoMore))
    for (const second of [605, 606]) node.at(second, () => node.tellOutside(302))
    expect(node.play(1800)).toEqual(['inside', 'both', 'both'])
    expect(node.findings.map(({ late }) => late)).toEqual([undefined, 'outside', 'outside'])
  })

  test('is no other recycle when windows_exporter counts it later', () => {
    const node = aNode()
    node.at(301, () => node.exporterDown(true))
    node.at(400, () => node.recycleInside())
    node.at(401, () => node.write(400))
    node.at(403, () => node.tellOutside())
    node.at(2000, () => node.exporterDown(false))
    expect(node.play(4800)).toEqual(['both'])
  })

  test('of the workers of a web garden is as many recycles as windows_exporter counts', () => {
    for (const writtenS of [303, 900]) {
      const node = aNode()
      node.at(302, () => node.change('shop', twoMore))
      for (const _worker of [1, 2]) node.at(writtenS, () => node.write(302))
      node.play(1800)
      const told = node.findings.filter(({ late }) => !late)
      expect(told.reduce((sum, { inside }) => sum + (inside?.workers ?? 0), 0)).toBe(2)
      expect(node.findings.at(-1)?.inside?.was).toMatchObject({ reason: 'schedule' })
    }
  })

  describe('where windows_exporter is not read', () => {
    test('confirms what was seen outside, however late it comes', () => {
      const node = aNode()
      node.exporterDown(true)
      node.at(306, () => node.tellOutside(3))
      node.at(3000, () => node.write(302, 'idle', [0, 3000]))
      expect(node.play(4000)).toEqual(['both'])
      expect(node.findings[0]?.inside).toMatchObject({ cause: 'start', was: { reason: 'idle' } })
    })

    test('tells what was not seen outside', () => {
      const node = aNode()
      node.exporterDown(true)
      node.at(400, () => node.write(302, 'crash', [0, 400]))
      expect(node.play(1200)).toEqual(['inside'])
      expect(node.findings[0]?.inside).toMatchObject({ cause: 'crash' })
    })

    test('tells by its silence that there was no new worker, as far as it covers the time', () => {
      const node = aNode()
      node.exporterDown(true)
      for (const second of [306, 2000, 3600]) node.at(second, () => node.tellOutside(3))
      node.at(1500, () => node.cover(0, 400))
      node.at(3000, () => node.cover(2600, 3000))
      node.at(4000, () => node.cover(2900, 4000))
      expect(node.play(2000)).toEqual([])
      node.cover(0, 1500)
      expect(node.findings.map(({ seen }) => seen)).toEqual(['outside'])
      node.play(5000)
      expect(node.findings.map(({ seen, atMs }) => [seen, atMs])).toEqual([
        ['outside', 303_000],
        ['outside', 3_597_000],
      ])
    })
  })
})

test('a clock that is set back makes no disagreement', () => {
  const node = aNode()
  node.at(302, () => node.tellOutside())
  node.at(310, () => node.recycleInside())
  node.at(312, () => node.setBack(7200))
  expect(node.play(6000)).toEqual([])
})
