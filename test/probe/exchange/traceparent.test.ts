import { expect, test } from 'vitest'
import type { Check } from '../../../src/model/farm.ts'
import { never, orderFor, startProber } from '../../support/probes/probe_once.ts'
import { answerBytes, say, startRawServer } from '../../support/servers/raw_server.ts'

/** Two probes of such a check: the traceparents that arrived, and the trace ids of the outcomes. */
async function traced(check: Partial<Check>) {
  await using server = await startRawServer(say(answerBytes()))
  const prober = startProber()
  const order = orderFor({ port: server.port, check })
  const outcomes = [await prober.probe(order, never), await prober.probe(order, never)]
  await prober.close()
  const sent = server.requests.map((request) => /^traceparent: (.*)\r$/gim.exec(request)?.[1])
  return { sent, ids: outcomes.map(({ traceId }) => traceId) }
}

test('with trace each probe begins a trace of its own, and its outcome names it', async () => {
  const { sent, ids } = await traced({ trace: true })
  const parts = sent.map((text) => /^00-([\da-f]{32})-([\da-f]{16})-01$/.exec(text ?? '') ?? [])
  expect(parts.map(([, traceId]) => traceId)).toEqual(ids)
  for (const place of [1, 2]) expect(new Set(parts.map((part) => part[place] ?? '')).size).toBe(2)
})

test('a traceparent among the headers of the check comes instead of ours', async () => {
  const own = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00'
  const { sent, ids } = await traced({ trace: true, headers: [['Traceparent', own]] })
  expect(sent).toEqual([own, own])
  expect(ids).toEqual([undefined, undefined])
})

test('without trace there is none', async () => {
  expect(await traced({ trace: false })).toEqual({
    sent: [undefined, undefined],
    ids: [undefined, undefined],
  })
})
