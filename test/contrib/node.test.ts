import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { startProcess } from '../support/processes/real_process.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { tempDir } from '../support/temp_dir.ts'
import { identityFile, key, shown } from './identity_files.ts'

const server = `
import { createServer } from 'node:http'
import { farmprobeIdentity } from ${JSON.stringify(identityFile('node/farmprobe_identity.mjs'))}
createServer((request, response) => {
  farmprobeIdentity(request, response)
  response.end('Welcome')
}).listen(Number(process.argv[2]), '127.0.0.1')
`

describe('a server of Node with farmprobe_identity.mjs', () => {
  test('names its machine and process, to requests with the key', async () => {
    await using dir = await tempDir()
    const script = await dir.write('server.mjs', server)
    const port = await freePort()
    const url = `http://127.0.0.1:${port}/`
    const start = () =>
      startProcess({
        command: process.execPath,
        args: [script, String(port)],
        env: { FARMPROBE_KEY: key },
        port,
      })
    const first = await start()
    const before = await shown(url)
    expect(before).toMatchObject({ status: 200, node: hostname(), body: 'Welcome' })
    expect(before.worker).toMatch(new RegExp(`^${first.pid}-\\d+$`))
    expect((await shown(url)).worker).toBe(before.worker)
    expect(await shown(url, '')).toMatchObject({ node: '', worker: '' })
    await first.stop()
    await using _second = await start()
    expect((await shown(url)).worker).not.toBe(before.worker)
  })
})
