import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { fortnight } from '../../../proof/explain/fortnight.ts'
import { scoreOf } from '../../../proof/explain/score.ts'
import { explainLogs } from '../../../src/iis/explain/explain_logs.ts'
import { seededRandom } from '../../../src/runtime/random.ts'
import { tempDir } from '../../support/temp_dir.ts'

/** Five days of a quiet farm with sixteen faults a day. `npm run logs` tries whole fortnights, and busier ones. */
async function explained(seed: number, nodesLogId: boolean, aheadMs: Readonly<Record<string, number>> = {}) {
  await using dir = await tempDir()
  const { files, ...truth } = fortnight({
    days: 5,
    busiest: 0.35,
    faultsADay: 16,
    random: seededRandom(seed),
    nodesLogId,
    aheadMs,
  })
  const paths = [...files.keys()].map((path) => join(dir.path, path))
  for (const path of new Set(paths.map(dirname))) await mkdir(path, { recursive: true })
  for (const [path, text] of files) await writeFile(join(dir.path, path), text)
  return { truth, explanation: await explainLogs(paths) }
}

test.each([
  [1, true],
  [2, false],
])(
  'the incidents of five days behind ARR are found, with node and cause (seed %i, nodes log its id: %s)',
  async (seed, nodesLogId) => {
    const { truth, explanation } = await explained(seed, nodesLogId)
    const { recall, precision, node, cause, ...score } = scoreOf(truth.troubles, explanation.incidents)
    expect(score.truth).toBeGreaterThan(50)
    expect({ requests: explanation.requests, left: explanation.left }).toEqual({
      requests: truth.requests,
      left: truth.left,
    })
    expect(explanation.clocks).toEqual([])
    expect(explanation.failed).toBe(truth.troubles.reduce((sum, { failed }) => sum + failed, 0))
    expect(explanation.nodes.toSorted()).toEqual(['web01', 'web02', 'web03', 'web04'])
    expect(explanation.files.filter(({ problem, damaged }) => problem !== undefined || damaged > 0)).toEqual(
      [],
    )
    // Every recycle that Windows noted is told; what waited for it, and no more, is counted.
    const noted = explanation.recycles.filter(({ what }) => !what.includes('no event'))
    expect(noted.length).toBe(truth.recycles)
    expect(recall).toBeGreaterThanOrEqual(0.97)
    expect(precision).toBeGreaterThanOrEqual(0.97)
    expect(node).toBeGreaterThanOrEqual(0.97)
    expect(cause).toBeGreaterThanOrEqual(0.9)
  },
  60_000,
)

test.each([
  [3, true],
  [4, false],
])(
  'clocks of nodes that are apart are found and corrected (seed %i, nodes log the id: %s)',
  async (seed, nodesLogId) => {
    const aheadMs = { web01: 95_000, web02: -41_000, web03: 3000 }
    const { truth, explanation } = await explained(seed, nodesLogId, aheadMs)
    const found = Object.fromEntries(explanation.clocks.map(({ node, skewMs }) => [node, skewMs]))
    expect(Object.keys(found).toSorted()).toEqual(Object.keys(aheadMs))
    for (const [node, ms] of Object.entries(aheadMs))
      expect(Math.abs((found[node] ?? 0) - ms)).toBeLessThanOrEqual(1000)
    const { recall, precision, node, cause } = scoreOf(truth.troubles, explanation.incidents)
    expect(Math.min(recall, precision, node)).toBeGreaterThanOrEqual(0.97)
    expect(cause).toBeGreaterThanOrEqual(0.9)
  },
  60_000,
)
