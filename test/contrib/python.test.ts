import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { type RealProcess, startProcess } from '../support/processes/real_process.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { tempDir } from '../support/temp_dir.ts'
import { identityFile, key, newWorker, shown } from './identity_files.ts'

const wsgi = `
from farmprobe_identity import farmprobe_identity

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"Welcome"]

application = farmprobe_identity(application)
`

async function withGunicorn(use: (url: string, gunicorn: RealProcess) => Promise<void>): Promise<void> {
  await using dir = await tempDir()
  await dir.write('wsgi.py', wsgi)
  const port = await freePort()
  await using gunicorn = await startProcess({
    command: 'gunicorn',
    args: [`--bind=127.0.0.1:${port}`, '--workers=2', '--preload', 'wsgi:application'],
    env: { PYTHONPATH: dirname(identityFile('python/farmprobe_identity.py')), FARMPROBE_KEY: key },
    cwd: dir.path,
    port,
  })
  await use(`http://127.0.0.1:${port}/`, gunicorn)
}

suiteWith('gunicorn')('an application of gunicorn with farmprobe_identity.py', () => {
  test('names its machine and each of its workers', async () => {
    await withGunicorn(async (url) => {
      const first = await shown(url)
      expect(first).toMatchObject({ status: 200, node: hostname(), body: 'Welcome' })
      // The other worker has another name, although both were forked from one process.
      const second = await newWorker(url, [first.worker])
      expect(second.worker).toMatch(/^\d+-\d+$/)
    })
  })

  test('adds no headers without the key', async () => {
    await withGunicorn(async (url) => {
      expect(await shown(url, '')).toMatchObject({ status: 200, node: '', worker: '', body: 'Welcome' })
      expect(await shown(url, 'a guess')).toMatchObject({ status: 200, node: '', worker: '' })
    })
  })

  test('names new workers after a reload', async () => {
    await withGunicorn(async (url, gunicorn) => {
      const first = await shown(url)
      const second = await newWorker(url, [first.worker])
      gunicorn.signal('SIGHUP')
      const third = await newWorker(url, [first.worker, second.worker])
      expect(third.body).toBe('Welcome')
    })
  })
})
