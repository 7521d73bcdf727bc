import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type Expectation, fromColumns, toColumns } from '../../../../proof/truth/zoo/recording/columns.ts'
import { readRecording, writeRecording } from '../../../../proof/truth/zoo/recording/file.ts'
import { replay } from '../../../../proof/truth/zoo/recording/replay.ts'
import { failed, firstRequest, probe, recording, stall, startMs, worker } from './sample_recording.ts'

describe('columns', () => {
  const rows = [
    { startedMs: 1000.5, totalMs: 12.34, 'phaseMs.wait': 11.3, word: 'a', flag: true },
    { startedMs: 2000.25, totalMs: 10, word: 'b', list: [1, { deep: 'c' }] },
    { startedMs: 1999, word: 'a', flag: false, 'phaseMs.wait': 0 },
  ]

  it('give back the rows, with what is absent absent, and milliseconds to a hundredth', () => {
    const expected = new Map<string, Expectation>([
      ['startedMs', 'previous'],
      ['totalMs', ['phaseMs.wait']],
    ])
    expect(fromColumns(toColumns(rows, expected))).toEqual(rows)
    expect(fromColumns(toColumns([{ atMs: 0.123 }], new Map()))).toEqual([{ atMs: 0.12 }])
    expect(fromColumns(toColumns([], new Map()))).toEqual([])
  })

  it('hold what was expected as zeros', () => {
    const columns = toColumns(
      [
        { aMs: 10, bMs: 15 },
        { aMs: 20, bMs: 25 },
      ],
      new Map([['bMs', ['aMs']]] as const),
    )
    expect(columns.bMs).toMatchObject({ hundredths: [500, 500] })
  })

  it('are refused where they do not fit together', () => {
    expect(() => fromColumns({ a: { words: ['x'], at: [0, 0] }, b: { words: ['x'], at: [0] } })).toThrow(
      'column b has 1 values where others have 2',
    )
    expect(() => fromColumns({ a: { words: ['x'], at: [1] } })).toThrow('column a refers to value 1 of 1')
  })
})

describe('a recording', () => {
  const sample = recording({ truth: [worker(), stall(), firstRequest({ id: 'p61' })] }, [
    probe(
      60_500,
      1510.25,
      { identity: 'new' },
      { token: 'new', cameMs: startMs + 62_001, endMs: startMs + 62_010 },
    ),
    failed(80_000, 1, 'refused'),
  ])

  it('is the same once it was a file', () => {
    expect(readRecording(writeRecording(sample), 'sample.json.gz')).toEqual(sample)
  })

  it('takes fields that probes have gained since, and does without those that they have not', () => {
    const [first, ...others] = sample.probes
    if (first === undefined) throw new Error('there is no probe')
    const gained = { ...first, outcome: { ...first.outcome, latenessMs: 3.5, news: { of: ['any', 'kind'] } } }
    const { evidence: _, ...plain } = gained.outcome
    const later = { ...sample, probes: [{ ...gained, outcome: plain }, ...others] }
    expect(readRecording(writeRecording(later), 'later').probes[0]).toEqual(later.probes[0])
  })

  it('takes less than 40 bytes for a probe', () => {
    expect(writeRecording(sample).length / sample.probes.length).toBeLessThan(40)
  })

  it('is refused with its name and why, where it is damaged', () => {
    const whole = writeRecording(sample)
    expect(() => readRecording(whole.subarray(0, whole.length / 2), 'half.json.gz')).toThrow(
      'half.json.gz is no recorded farm, or is damaged: unexpected end of file',
    )
    const flipped = Buffer.from(whole)
    flipped[whole.length - 300] = (flipped[whole.length - 300] ?? 0) ^ 1
    expect(() => readRecording(flipped, 'flipped')).toThrow(/^flipped is no recorded farm, or is damaged: /)
    expect(() => readRecording(Buffer.from('hello'), 'hello')).toThrow('incorrect header check')
    expect(() => readRecording(gzipSync('{}'), 'else')).toThrow('it is something else')
  })

  it('is refused where it is of another version', () => {
    const file = JSON.parse(gunzipSync(writeRecording(sample)).toString()) as object
    const newer = gzipSync(JSON.stringify({ ...file, version: 2 }))
    expect(() => readRecording(newer, 'newer')).toThrow('it is of version 2; this farmprobe reads 1')
  })

  it('is shown to the real monitor as it was posted, and time goes on between', async () => {
    const down = Array.from({ length: 5 }, (_, second) => failed(60_000 + second * 1000, 1, 'refused'))
    const events = await replay(recording({}, down))
    const outage = events.find((event) => event.kind === 'outage_closed')
    expect(outage).toMatchObject({ target: 'web01', atMs: startMs + 60_000, lengthMs: 5000, farm: 'sample' })
  })

  it('is not replayed where its configuration is none', async () => {
    await expect(replay(recording({ config: { farms: [{ nodes: [] }] } }))).rejects.toThrow(
      /^sample-1s-without: its configuration is refused: /,
    )
  })
})
