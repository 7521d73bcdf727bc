import { hashSync } from 'bcryptjs'
import { expect, test } from 'vitest'
import { startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { shopConfig, startScriptedNodes } from '../support/processes/real_farm.ts'
import { requestBytes, rudeClient } from '../support/servers/rude_client.ts'
import { tempDir } from '../support/temp_dir.ts'

const password = 'correct horse'
const path = '/api/v1/was?computer=WEB01'
const mebibyte = 1024 * 1024
const basic = (text: string) => `Authorization: Basic ${Buffer.from(text).toString('base64')}`
const right = basic(`node:${password}`)

/** A recycle of just now. */
const recycled =
  () => `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-WAS"/><EventID>5074</EventID>
<TimeCreated SystemTime="${new Date().toISOString()}"/><Computer>WEB01</Computer></System><EventData><Data Name="AppPoolID">shop</Data></EventData></Event>`

/** A service that takes events of WAS from those who know the password. */
async function startProtected() {
  await using owned = new AsyncDisposableStack()
  const dir = owned.use(await tempDir())
  const users = await dir.write('web.yml', `basic_auth_users: { node: "${hashSync(password, 4)}" }`)
  const nodes = owned.use(await startScriptedNodes('balancer', 'web01'))
  const farm = shopConfig({
    balancer: nodes.named('balancer').address,
    nodes: [nodes.named('web01')],
    farm: { crosscheck: { exporter: false, pool: 'shop' } },
  })
  const web = { listen: '127.0.0.1:0', config_file: users }
  const farmprobe = owned.use(await startFarmprobe({ ...farm, web, was: { push: true } }))
  const kept = owned.move()
  /** The status and the body of the answer to a POST. */
  async function post(
    body: string,
    headers: readonly string[],
    type = 'application/xml',
    announced = body.length,
  ) {
    const client = await rudeClient(Number(new URL(farmprobe.url).port))
    const all = [...headers, `Content-Type: ${type}`, `Content-Length: ${announced}`, 'Connection: close']
    client.socket.write(requestBytes(path, all, 'POST') + body)
    await client.ended
    const [head = '', ...rest] = client.received().split('\r\n\r\n')
    return { status: Number(head.slice(9, 12)), text: rest.join('\r\n\r\n') }
  }
  return { farmprobe, post, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

test('events of WAS are taken from those who know the password alone, and nobody else learns more than that', async () => {
  await using service = await startProtected()
  const { farmprobe, post } = service
  const event = recycled()
  const wrong = [
    [],
    [basic('node:wrong horse')],
    [basic(`other:${password}`)],
    ['Authorization: Bearer correct'],
  ]
  for (const headers of wrong)
    for (const [body, type] of [
      [event, 'application/xml'],
      ['{}', 'application/json'],
      ['x'.repeat(mebibyte + 1), 'application/xml'],
    ] as const)
      expect(await post(body, headers, type)).toEqual({
        status: 401,
        text: 'A user name and a password are needed.\n',
      })
  // None of these was taken: the first that is counts it as fresh.
  expect(await post(event, [right])).toMatchObject({
    status: 200,
    text: expect.stringMatching(/"events":1,"fresh":1\b/),
  })
  expect(await post(event, [right])).toMatchObject({
    text: expect.stringMatching(/"events":1,"fresh":0\b/),
  })
  expect(await post('{}', [right], 'application/json')).toMatchObject({ status: 415 })
  expect(await post('x'.repeat(mebibyte + 1), [right])).toMatchObject({ status: 413 })
  expect(await post('<Events><Event>', [right])).toMatchObject({ status: 400 })
  const written = [...farmprobe.process.stdout, ...farmprobe.process.stderr].join('\n')
  for (const secret of [password, 'wrong horse', right.slice(-12), basic('node:wrong horse').slice(-12)])
    expect(written).not.toContain(secret)
})
