/** Bodies that are made to keep farmprobe busy: no other farm may lose a slot to them. */
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { answerBytes, say, startRawServer } from '../../../test/support/servers/raw_server.ts'
import { type Fault, Miss, type RunningFarmprobe } from '../fault.ts'
import { onlyReasons, words } from '../support/probe_results.ts'
import { badFarm } from '../support/servers.ts'

const mebibyte = 2 ** 20
const blanks = (bytes: number) => Buffer.alloc(bytes, ' ')

interface Row {
  readonly name: string
  readonly target: string
  readonly answer: () => Buffer
  readonly expect: object
  readonly reasons: readonly string[]
}

const rows: readonly Row[] = [
  {
    name: 'blanks',
    target: String.raw`sends 2 MiB of blanks, on which \s+$ takes a backtracking engine for ever`,
    answer: () => answerBytes(`${' '.repeat(2 * mebibyte)}x`),
    expect: { body: { not_match: [String.raw`\s+$`], max_bytes: '4MiB' } },
    reasons: ['ok'],
  },
  ...(
    [
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
      ['zstd', zstdCompressSync],
    ] as const
  ).map(([coding, encode]) => ({
    name: `bomb-${coding}`,
    target: `sends 64 MiB in ${coding}, of which 16 MiB are allowed`,
    answer: () => answerBytes(encode(blanks(64 * mebibyte)), [`Content-Encoding: ${coding}`]),
    expect: { body: { contains: 'Welcome', max_bytes: '16MiB' } },
    reasons: ['too_large', 'body_timeout'],
  })),
  {
    name: 'bomb-within',
    target: 'sends 16 MiB in gzip, which is as much as is allowed',
    answer: () => answerBytes(gzipSync(blanks(16 * mebibyte)), ['Content-Encoding: gzip']),
    expect: { body: { contains: 'Welcome', max_bytes: '16MiB' } },
    reasons: ['body', 'body_timeout'],
  },
]

/** Two targets every half second, as the healthy farm. */
const paced = (expect: object) => ({ interval: '500ms', timeout: '3s', burst: 'off', expect })

const asFault = ({ name, target, answer, expect, reasons }: Row): Fault => ({
  name,
  expected: `a target that ${target}: ${reasons.join(' or ')}, and no other farm loses a slot`,
  async run({ experiment, short }) {
    await using server = await startRawServer(say(answer()))
    const farms = [badFarm({ port: server.port, check: paced(expect) })]
    return await experiment({ farms, allow: { residentMiB: 256 } }, (farmprobe) =>
      onlyReasons(farmprobe, 'bad', reasons, short ? 10 : 40),
    )
  },
})

/** No part of it repeats another, so that the engine has to follow as many states as the expression has steps. */
const irregular = () => `${Array.from({ length: 14_000 }, (_, n) => (n * n).toString(2)).join('')}2`

const costly: Fault = {
  name: 'pathological-expression',
  expected:
    'a page on which an expression of 900 steps would take seconds: given up, named in the log, set apart and counted; no other farm loses a slot',
  async run({ experiment }) {
    await using server = await startRawServer(say(answerBytes(irregular())))
    const expect = { body: { match: ['(?:0|1)*0(?:0|1){900}2'] } }
    const farms = [badFarm({ port: server.port, check: paced(expect) })]
    return await experiment({ farms }, async (farmprobe) => {
      await farmprobe.until(
        'quarantine of both targets',
        async () => (await quarantines(farmprobe)) === 2,
        20_000,
      )
      const missed = () => farmprobe.grown('farmprobe_missed_slots_total', { farm: 'bad' })
      await farmprobe.until('slots not probed', async () => (await missed()) >= 6, 20_000)
      const results = await farmprobe.results('bad')
      const named = farmprobe.child.lines.filter((line) =>
        /"quarantine".*"target":"web01".*"check":"home"/.test(line),
      )
      const seen = `${words(results)}; ${await quarantines(farmprobe)} set apart, ${named.length} lines name web01`
      if (Object.keys(results).some((reason) => reason !== 'internal') || named.length !== 1)
        throw new Miss(seen)
      return seen
    })
  },
}

const quarantines = (farmprobe: RunningFarmprobe) =>
  farmprobe.grown('farmprobe_quarantines_total', { farm: 'bad' })

export const bodyFaults: readonly Fault[] = [...rows.map(asFault), costly]
