import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { probeOnDemand } from '../support/probes/probe_on_demand.ts'
import { startHttpServer } from '../support/servers/http_server.ts'

const mebibyte = 2 ** 20

test('a body of any length is counted; one that is looked through may have 10 MiB', async () => {
  const body = Buffer.alloc(11 * mebibyte, 'x')
  await using site = await startHttpServer((_, response) => void response.end(body))
  const target = `http://127.0.0.1:${site.port}/`
  const counted = await probeOnDemand(target)
  expect(counted.metrics).toMatchObject({
    probe_success: 1,
    probe_http_uncompressed_body_length: body.length,
  })
  const searched = await probeOnDemand(target, { http: { fail_if_body_matches_regexp: ['y'] } })
  expect(searched.metrics).toMatchObject({
    probe_success: 0,
    probe_failed_due_to_regex: 0,
    probe_http_uncompressed_body_length: 10 * mebibyte,
  })
  expect(searched.log).toContain('the body is longer than 10485760 bytes')
})

test('a bomb is not unpacked beyond the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(50 * mebibyte))
  await using site = await startHttpServer((_, response) => void response.end(bomb))
  const { metrics } = await probeOnDemand(`http://127.0.0.1:${site.port}/`, { http: { compression: 'gzip' } })
  expect(metrics).toMatchObject({ probe_success: 0, probe_http_uncompressed_body_length: 10 * mebibyte })
})

test('an expression that would take for ever elsewhere takes a moment', async () => {
  await using site = await startHttpServer((_, response) => void response.end('a'.repeat(100_000)))
  const { metrics } = await probeOnDemand(`http://127.0.0.1:${site.port}/`, {
    http: { fail_if_body_matches_regexp: ['(a|aa)+$b', '(a*)*c', '(x+x+)+y'] },
  })
  expect(metrics.probe_success).toBe(1)
  expect(metrics.probe_duration_seconds).toBeLessThan(2)
})

test('an empty body is not valid for a compression', async () => {
  await using site = await startHttpServer((_, response) => void response.end())
  const { metrics, log } = await probeOnDemand(`http://127.0.0.1:${site.port}/`, {
    http: { compression: 'gzip' },
  })
  expect(metrics.probe_success).toBe(0)
  expect(log).toContain('an empty body is no valid gzip')
})
