/** Recorded farms of ASP.NET behind three balancers: `explain` on their logs, and farmprobe at the same time. */
import { beforeAll, expect, test } from 'vitest'
import { type AgainstLive, againstLive } from '../../../proof/explain/against_live.ts'
import { aspnetKinds } from '../../../proof/truth/zoo/kinds/aspnet.ts'
import { recordingsIn } from '../../../proof/truth/zoo/recording/corpus.ts'

const folder = new URL('../../../proof/truth/recorded', import.meta.url).pathname
const farms: AgainstLive[] = []

beforeAll(async () => {
  const kinds = aspnetKinds.map(({ name }) => name)
  for (const recording of recordingsIn(folder, kinds)) farms.push(await againstLive(recording))
}, 60_000)

const pairs = () => farms.flatMap((farm) => farm.pairs)

test('both find the same incidents', () => {
  expect(pairs().length).toBeGreaterThan(30)
  expect(pairs().filter(({ found }) => found === undefined)).toEqual([])
  expect(farms.flatMap(({ alone }) => alone)).toEqual([])
})

test('with the same culprit and cause in nine of ten', () => {
  const same = pairs().filter(({ live, found }) => found?.node === live.node && found.cause === live.cause)
  expect(same.length / pairs().length).toBeGreaterThanOrEqual(0.9)
})
