import { expect, test } from 'vitest'
import { probeOnce } from '../support/probes/probe_once.ts'
import { answerBytes, say, startRawServer } from '../support/servers/raw_server.ts'

const metadata = '169.254.169.254'
const refused = {
  reason: 'dns',
  detail:
    'The name web01.test leads to 169.254.169.254, a link-local address, where clouds serve credentials; ' +
    'it is probed only where the configuration gives this very address.',
}

/** Answers with one address after the other, as a name server does that wants to be asked twice. */
function rebinding(...answers: readonly string[]) {
  const asked: string[] = []
  return {
    asked,
    resolve: async (host: string) => {
      const address = answers[asked.push(host) - 1] ?? ''
      return [{ address, family: 4 }]
    },
  }
}

const bothAddresses = async () => [metadata, '127.0.0.1'].map((address) => ({ address, family: 4 }))

const named = { host: 'web01.test' }

test('a name with the address of a metadata service is not connected to', async () => {
  const outcome = await probeOnce({ port: 80, target: named }, rebinding(metadata))
  expect(outcome).toMatchObject({ ...refused, status: 0, address: '' })
  expect(Object.keys(outcome.phaseMs)).toEqual(['resolve'])
})

test('a metadata service that stands first is not passed over for the next address', async () => {
  await using server = await startRawServer(say(answerBytes()))
  const outcome = await probeOnce({ port: server.port, target: named }, { resolve: bothAddresses })
  expect(outcome).toMatchObject(refused)
  expect(server.connections).toBe(0)
})

test('a probe goes to the address that was looked at, without asking again', async () => {
  const names = rebinding('127.0.0.1', metadata)
  await using server = await startRawServer(say(answerBytes()))
  const outcome = await probeOnce({ port: server.port, target: named }, names)
  expect(outcome).toMatchObject({ reason: 'ok', address: `127.0.0.1:${server.port}` })
  expect(names.asked).toEqual(['web01.test'])
})

test('each hop of a redirect is looked at anew', async () => {
  const names = rebinding('127.0.0.1', metadata)
  await using server = await startRawServer(say(answerBytes('moved', ['Location: /home'], '302 Found')))
  const outcome = await probeOnce({ port: server.port, target: named, check: { redirects: 'pinned' } }, names)
  expect(outcome).toMatchObject({ reason: refused.reason, detail: refused.detail })
  expect(names.asked).toHaveLength(2)
  expect(server.connections).toBe(1)
})

test('an address that the operator wrote is tried, whatever it is', async () => {
  // In the zone of the loopback interface, so that nothing leaves this machine.
  const outcome = await probeOnce({ port: 80, target: { host: 'fe80::1%lo' } })
  expect(outcome).toMatchObject({ reason: 'unreachable', address: '[fe80::1%lo]:80' })
  expect(Object.keys(outcome.phaseMs)).toEqual(['connect'])
})
