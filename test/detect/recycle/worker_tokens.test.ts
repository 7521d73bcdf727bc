import { expect, test } from 'vitest'
import { takeToken, workerTokens } from '../../../src/detect/recycle/worker_tokens.ts'
import { seededRandom } from '../../../src/runtime/random.ts'

interface Answers {
  readonly everyS: number
  readonly forS: number
  /** Which worker gives the answer at a second. */
  readonly tokenAt: (at: number) => string
  readonly waits?: (at: number) => boolean
}

/** What is reported of one node's answers: the tokens of the new workers. */
function reported({ everyS, forS, tokenAt, waits = () => false }: Answers) {
  const state = workerTokens.empty()
  const tokens: string[] = []
  for (let at = 0; at < forS; at += everyS) {
    const shown = { token: tokenAt(at), startedMs: at * 1000, quietMs: 300_000, waited: waits(at) }
    tokens.push(...takeToken(state, shown).map(({ token }) => token))
  }
  return { tokens, state }
}

/** Several workers, of which one after the other is replaced, the oldest first. */
const exchanged = (workers: number, everyS: number, seed: number) => {
  const random = seededRandom(seed)
  return (at: number) => {
    const newest = workers - 1 + Math.floor(at / everyS)
    return `w${newest - Math.floor(workers * random())}`
  }
}

const soonOther = (at: number) => (at < 2 ? 'w0' : 'w1')

const inTurn = (at: number) => (at < 100 ? `a${at % 2}` : at < 102 ? 'b0' : `b${at % 2}`)
const atOnce = (at: number) => `${at < 100 ? 'a' : 'b'}${at % 2}`

const names = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `w${from + index}`)

test.each([1, 5])('restarts 20 s apart are told each at an interval of %d s', (everyS) => {
  const { tokens } = reported({ everyS, forS: 200, tokenAt: (at) => `w${Math.floor(at / 20)}` })
  expect(tokens).toEqual(names(1, 9))
})

test('of four workers of which one is replaced every 20 s each new one is told', () => {
  const { tokens } = reported({ everyS: 1, forS: 600, tokenAt: exchanged(4, 20, 3) })
  expect(tokens.toSorted(byNumber)).toEqual(names(4, 32))
})

test('workers that were there all along are told at most once in many starts of farmprobe', () => {
  const falsely = Array.from({ length: 40 }, (_, seed) => {
    const random = seededRandom(seed)
    const workers = 1 + (seed % 4)
    return reported({ everyS: 1, forS: 300, tokenAt: () => `w${Math.floor(workers * random())}` }).tokens
  })
  expect(falsely.flat().length).toBeLessThanOrEqual(2)
})

test('a second token is no new worker while little is known, and is one when its answer waited', () => {
  expect(reported({ everyS: 1, forS: 3, tokenAt: soonOther }).tokens).toEqual([])
  expect(reported({ everyS: 1, forS: 3, tokenAt: soonOther, waits: (at) => at === 2 }).tokens).toEqual(['w1'])
})

test('a second token becomes a new worker when the first stays away', () => {
  expect(reported({ everyS: 1, forS: 12, tokenAt: soonOther }).tokens).toEqual(['w1'])
})

test('workers replaced in turn are told each, those replaced while nobody answered are told once', () => {
  expect(reported({ everyS: 1, forS: 200, tokenAt: inTurn }).tokens).toEqual(['b0', 'b1'])
  const told = reported({ everyS: 1, forS: 200, tokenAt: atOnce, waits: (at) => at === 100 }).tokens
  expect(told).toEqual(['b0'])
})

test('a token that changes with every answer is told once at most, and little of it is remembered', () => {
  const { tokens, state } = reported({ everyS: 1, forS: 4000, tokenAt: (at) => (at < 50 ? 'w0' : `r${at}`) })
  expect(tokens.length).toBeLessThanOrEqual(1)
  expect(JSON.stringify(state).length).toBeLessThan(20_000)
})

const byNumber = (a: string, b: string) => Number(a.slice(1)) - Number(b.slice(1))

/** Workers of a web garden with the second in which each started, of which some answers are given. */
const answeredBy = (answers: readonly (readonly [at: number, startedS: number])[]) => {
  const state = workerTokens.empty()
  return answers.flatMap(([at, startedS], index) => {
    const startedMs = epochMs + at * 1000
    const token = `${100 + startedS}-${epochMs + startedS * 1000}`
    const shown = { token, startedMs, quietMs: 300_000, waited: false }
    return takeToken(state, shown).map(() => [index, startedS])
  })
}
const epochMs = Date.parse('2026-03-01T03:00:00Z')

const sameWorker = (startedS: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => [5 * (from + index), startedS] as const)

test('a worker whose token tells that it started before the first answer was there all along', () => {
  const before = sameWorker(-100, 0, 8)
  expect(answeredBy([...before, [45, -50], [50, -100], [55, -50], [60, -100]])).toEqual([])
})

test('a token that tells another time, such as that of the build, hides no restart', () => {
  expect(answeredBy([...sameWorker(-100, 0, 20), ...sameWorker(-50, 20, 30)])).toEqual([[20, -50]])
})

test('a worker whose token tells that it started meanwhile is told at its first answer', () => {
  const before = [
    [0, -100],
    [5, -50],
    [10, -100],
  ] as const
  expect(answeredBy([...before, [15, 12], [20, -50], [25, 23]])).toEqual([
    [3, 12],
    [5, 23],
  ])
})

test('workers that started together, as their tokens tell, are one recycle', () => {
  const before = [
    [0, -100],
    [5, -100],
  ] as const
  expect(answeredBy([...before, [10, 8], [15, 8.4], [20, 8.9], [25, 12]])).toEqual([
    [2, 8],
    [5, 12],
  ])
})
