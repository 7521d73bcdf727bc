/** Whatever nginx and HAProxy pass on to users, a probe takes, or it names what contradicts itself. */
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { runs } from '../support/files/mutations.ts'
import { content, damagedAnswers, oddAnswers } from '../support/probes/odd_answers.ts'
import { probeOnce } from '../support/probes/probe_once.ts'
import { type RealBalancer, startHaproxy, startNginx } from '../support/processes/real_balancer.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { startRawServer } from '../support/servers/raw_server.ts'

/** Whether a balancer passes the present answer on, whole and as its own user would read it. */
function passesOn({ address }: RealBalancer): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(`http://${address}/`, { insecureHTTPParser: true, agent: false }, (answer) => {
      text(answer).then(
        (body) => resolve(answer.statusCode === 200 && body === content),
        () => resolve(false),
      )
    })
    asked.on('error', () => resolve(false))
    asked.end()
  })
}

/** After an interim head, nginx passes on what it does not read: folded lines and nulls, which no browser takes. */
const contradictions = [
  /: its Content-Length is \d+, and its chunks hold \d+ bytes\.$/,
  /: more data follows its end\.$/,
  /: a header goes on in the next line\.$|a null or bare carriage return in it\.$/,
]

suiteWith('nginx', 'haproxy')('beside nginx and HAProxy', () => {
  test('what both pass on is taken, or refused with the very contradiction', {
    timeout: 120_000,
  }, async () => {
    let bytes: Buffer = Buffer.alloc(0)
    await using server = await startRawServer((socket) => void socket.end(bytes))
    const node = { nodes: [`127.0.0.1:${server.port}`], timeoutMs: 2000 }
    await using nginx = await startNginx(node)
    await using haproxy = await startHaproxy(node)
    const seen = { taken: 0, remarked: 0, contradictory: 0, refused: 0 }
    const answers = fc.oneof(
      oddAnswers.map((answer) => answer.bytes),
      damagedAnswers,
    )
    const right = fc.asyncProperty(answers, async (answer) => {
      bytes = answer
      const isPassedOn = (await passesOn(nginx)) && (await passesOn(haproxy))
      const { reason, detail, remark } = await probeOnce({
        port: server.port,
        body: { match: [`^${content}$`] },
      })
      const kind = reason !== 'ok' ? 'contradictory' : remark === undefined ? 'taken' : 'remarked'
      seen[isPassedOn ? kind : 'refused']++
      const isNamed = contradictions.some((each) => each.test(detail))
      expect([detail, isNamed || reason === 'ok' || !isPassedOn]).toEqual([detail, true])
    })
    await fc.assert(right, { numRuns: runs(800, 20_000), seed: 12 })
    // Otherwise all are of one kind, and prove little.
    expect(Math.min(seen.taken, seen.remarked, seen.contradictory, seen.refused)).toBeGreaterThan(2)
  })
})
