import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Bytes } from '../../../src/history/bytes.ts'
import { lanes, reasons } from '../../../src/model/outcome.ts'
import { briefProbe, briefProbeCodec } from '../../../src/web/live/brief_probe.ts'
import { sampleOutcome } from '../../support/farms/sample_farm.ts'

const ms = fc.double({ min: 0, max: 300_000, noNaN: true })

test('a probe in brief survives as bytes', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...lanes),
      fc.constantFrom(...reasons),
      fc.constantFrom(0, 50_000),
      fc.option(ms, { nil: undefined }),
      ms,
      (lane, reason, latenessMs, firstByteMs, totalMs) => {
        const { firstByteMs: _always, ...rest } = sampleOutcome({ lane, reason, latenessMs, totalMs })
        const brief = briefProbe({ ...rest, ...(firstByteMs !== undefined && { firstByteMs }) })
        const bytes: Bytes = []
        briefProbeCodec.put(bytes, brief)
        expect(briefProbeCodec.take({ bytes: new Uint8Array(bytes), at: 0 })).toEqual(brief)
      },
    ),
  )
})
