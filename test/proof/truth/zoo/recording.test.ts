import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { fromColumns, type Prediction, toColumns } from '../../../../proof/truth/zoo/recording/columns.ts'
import { keepIn, recordingsIn } from '../../../../proof/truth/zoo/recording/corpus.ts'
import { readRecording, writeRecording } from '../../../../proof/truth/zoo/recording/file.ts'
import { replay } from '../../../../proof/truth/zoo/recording/replay.ts'
import { withoutIdentity } from '../../../../proof/truth/zoo/recording/without_identity.ts'
import { tempDir } from '../../../support/temp_dir.ts'
import { failed, firstRequest, probe, recording, stall, startMs, worker } from './sample_recording.ts'

describe('columns', () => {
  const rows = [
    { startedMs: 1000.5, totalMs: 12.34, 'phaseMs.wait': 11.3, word: 'a', flag: true },
    { startedMs: 2000.25, totalMs: 10, word: 'b', list: [1, { deep: 'c' }] },
    { startedMs: 1999, word: 'a', flag: false, 'phaseMs.wait': 0 },
  ]

  it('give back the rows with absent fields absent, and milliseconds to a hundredth', () => {
    const predictions = new Map<string, Prediction>([
      ['startedMs', 'previous'],
      ['totalMs', ['phaseMs.wait']],
    ])
    expect(fromColumns(toColumns(rows, predictions))).toEqual(rows)
    expect(fromColumns(toColumns([{ atMs: 0.123 }], new Map()))).toEqual([{ atMs: 0.12 }])
    expect(fromColumns(toColumns([], new Map()))).toEqual([])
  })

  it('store the difference to the prediction', () => {
    const columns = toColumns(
      [
        { aMs: 10, bMs: 15 },
        { aMs: 20, bMs: 25 },
      ],
      new Map([['bMs', ['aMs']]] as const),
    )
    expect(columns.bMs).toMatchObject({ hundredths: [500, 500] })
  })

  it('are refused when they do not fit together', () => {
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

  it('is the same after writing and reading', () => {
    expect(readRecording(writeRecording(sample), 'sample.json.gz')).toEqual(sample)
  })

  it('keeps fields that outcomes gain later, and reads files without optional fields', () => {
    const [first, ...others] = sample.probes
    if (first === undefined) throw new Error('there is no probe')
    const gained = { ...first, outcome: { ...first.outcome, latenessMs: 3.5, news: { of: ['any', 'kind'] } } }
    const { evidence: _, ...plain } = gained.outcome
    const later = { ...sample, probes: [{ ...gained, outcome: plain }, ...others] }
    expect(readRecording(writeRecording(later), 'later').probes[0]).toEqual(later.probes[0])
  })

  it('takes less than 40 bytes a probe', () => {
    expect(writeRecording(sample).length / sample.probes.length).toBeLessThan(40)
  })

  it('is refused with its name and the reason when damaged', () => {
    const whole = writeRecording(sample)
    expect(() => readRecording(whole.subarray(0, whole.length / 2), 'half.json.gz')).toThrow(
      'half.json.gz is not a readable recording: unexpected end of file',
    )
    const flipped = Buffer.from(whole)
    flipped[whole.length - 300] = (flipped[whole.length - 300] ?? 0) ^ 1
    expect(() => readRecording(flipped, 'flipped')).toThrow(/^flipped is not a readable recording: /)
    expect(() => readRecording(Buffer.from('hello'), 'hello')).toThrow('incorrect header check')
    expect(() => readRecording(gzipSync('{}'), 'else')).toThrow('it is another kind of file')
  })

  it('is refused when of another version', () => {
    const file = JSON.parse(gunzipSync(writeRecording(sample)).toString()) as object
    const newer = gzipSync(JSON.stringify({ ...file, version: 2 }))
    expect(() => readRecording(newer, 'newer')).toThrow('it is of version 2; this reader knows version 1')
  })

  it('serves without identity as well: nothing that shows a worker or a node is left', () => {
    const named = recording({ identity: true }, [
      probe(60_000, 10, {
        identity: 'new',
        servedBy: 'web01',
        evidence: {
          statusText: '',
          headers: [
            ['X-Worker', 'new'],
            ['Server', 'nginx'],
          ],
          bodyStart: '',
        },
      }),
    ])
    const config = {
      farms: [{ name: 'sample', identity: { header: 'X-Worker' }, served_by: { header: 'X-Node' } }],
    }
    const unnamed = withoutIdentity({ ...named, config })
    expect(unnamed).toMatchObject({ identity: false, truth: named.truth, seed: named.seed })
    expect(JSON.stringify([unnamed.config, unnamed.probes])).not.toMatch(/X-Worker|X-Node|"new"|servedBy/)
    expect(unnamed.probes.find(({ outcome }) => outcome.evidence)?.outcome.evidence?.headers).toEqual([
      ['Server', 'nginx'],
    ])
  })

  it('is found by its kind in a folder of folders', async () => {
    await using dir = await tempDir()
    for (const kind of ['uwsgi', 'puma']) keepIn(dir.path, { ...sample, kind }, 7)
    await dir.write('README.md', 'no recording')
    expect([...recordingsIn(dir.path)].map(({ kind }) => kind)).toEqual(['puma', 'uwsgi'])
    expect([...recordingsIn(dir.path, ['uwsgi'])].map(({ kind }) => kind)).toEqual(['uwsgi'])
    expect(() => [...recordingsIn(dir.path, ['tomcat'])]).toThrow(/^There is no recorded farm of tomcat in /)
    expect(() => [...recordingsIn('/nowhere')]).toThrow('There is no recorded farm in /nowhere')
  })

  it('is replayed through the real monitor, which advances between outcomes', async () => {
    const down = Array.from({ length: 5 }, (_, second) => failed(60_000 + second * 1000, 1, 'refused'))
    const events = await replay(recording({}, down))
    const outage = events.find((event) => event.kind === 'outage_closed')
    expect(outage).toMatchObject({ target: 'web01', atMs: startMs + 60_000, lengthMs: 5000, farm: 'sample' })
  })

  it('is not replayed when its configuration is refused', async () => {
    await expect(replay(recording({ config: { farms: [{ nodes: [] }] } }))).rejects.toThrow(
      /^sample-1s-without: the recorded configuration is refused: /,
    )
  })
})
