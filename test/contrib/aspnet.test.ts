import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { apacheBase } from '../support/processes/balancer_files.ts'
import { startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { startNginx } from '../support/processes/real_balancer.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { shopConfig } from '../support/processes/real_farm.ts'
import { startProcess } from '../support/processes/real_process.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { type TempDir, tempDir } from '../support/temp_dir.ts'
import { identityFile, key, newWorker, shown } from './identity_files.ts'

/** mono reads modules only from their place in classic mode. */
const webConfig = `<?xml version="1.0"?>
<configuration>
  <appSettings><add key="farmprobe:key" value="${key}" /></appSettings>
  <system.web>
    <compilation debug="false" />
    <httpModules><add name="FarmprobeIdentity" type="FarmprobeIdentity" /></httpModules>
  </system.web>
</configuration>
`

const page = '<%@ Page Language="C#" %>Welcome'

interface Site {
  readonly url: string
  /** Restarts the application, as every change of this file does. */
  touchConfig(): Promise<void>
}

async function withSite(use: (site: Site) => Promise<void>): Promise<void> {
  await using dir = await tempDir()
  await chmod(dir.path, 0o755)
  const app = await writeApplication(dir)
  const port = await freePort()
  const alias = `identity-${port}`
  const config = await dir.write(
    'httpd.conf',
    `${apacheBase({ port, dir: dir.path }, ['mime', 'mono'], '%m')}
TypesConfig /etc/mime.types
DocumentRoot ${app}
<Directory ${app}>
  Require all granted
</Directory>
MonoServerPath ${alias} "/usr/bin/mod-mono-server4"
MonoUnixSocket ${alias} "${dir.path}/own/mono.sock"
MonoApplications ${alias} "/:${app}"
MonoWapiDir ${alias} "${dir.path}/own"
MonoSetEnv ${alias} "TMPDIR=${dir.path}/own"
<Location />
  SetHandler mono
  MonoSetServerAlias ${alias}
</Location>
`,
  )
  await using _apache = await startProcess({
    command: '/usr/sbin/apache2',
    args: ['-DFOREGROUND', '-f', config],
    port,
  })
  await use({
    url: `http://127.0.0.1:${port}`,
    touchConfig: () => writeFile(join(app, 'web.config'), `${webConfig}<!-- changed -->\n`),
  })
}

async function writeApplication(dir: TempDir): Promise<string> {
  const app = join(dir.path, 'app')
  await mkdir(join(app, 'App_Code'), { recursive: true })
  await mkdir(join(dir.path, 'own'))
  await chmod(join(dir.path, 'own'), 0o777)
  await cp(identityFile('iis/App_Code/FarmprobeIdentity.cs'), join(app, 'App_Code', 'FarmprobeIdentity.cs'))
  await cp(identityFile('iis/farmprobe.ashx'), join(app, 'farmprobe.ashx'))
  await writeFile(join(app, 'web.config'), webConfig)
  await writeFile(join(app, 'Default.aspx'), page)
  return app
}

suiteWith(
  'apache2',
  'mod-mono-server4',
  'nginx',
)(
  'the files for IIS in an ASP.NET application on mono (the file for ASP.NET Core needs .NET, which Debian lacks)',
  () => {
    test('name machine and start of the application on every page, to requests with the key', {
      timeout: 90_000,
    }, async () => {
      await withSite(async ({ url, touchConfig }) => {
        const first = await newWorker(`${url}/Default.aspx`, [])
        expect(first).toMatchObject({ node: hostname(), body: 'Welcome' })
        expect(first.worker).toMatch(/^\d+-\d+$/)
        expect((await shown(`${url}/Default.aspx`)).worker).toBe(first.worker)
        expect(await shown(`${url}/Default.aspx`, '')).toMatchObject({ status: 200, node: '', worker: '' })
        await touchConfig()
        await newWorker(`${url}/Default.aspx`, [first.worker])
      })
    })

    test('have a JSON page with the same information, and 404 without the key', {
      timeout: 90_000,
    }, async () => {
      await withSite(async ({ url }) => {
        const { status, body } = await shown(`${url}/farmprobe.ashx`)
        expect(status).toBe(200)
        const json = JSON.parse(body) as Record<string, string | number>
        expect(Object.keys(json)).toEqual([
          'node',
          'pool',
          'worker',
          'processId',
          'processStarted',
          'applicationStarted',
        ])
        expect(json.node).toBe(hostname())
        expect(String(json.worker).split('-')[0]).toBe(String(json.processId))
        const [process, application] = [json.processStarted, json.applicationStarted].map((time) =>
          Date.parse(String(time)),
        )
        expect(process).toBeLessThan(Number(application))
        expect(Math.abs(Date.now() - Number(application))).toBeLessThan(60_000)
        expect((await shown(`${url}/farmprobe.ashx`)).body).toBe(body)
        expect((await shown(`${url}/farmprobe.ashx`, 'a guess')).status).toBe(404)
      })
    })

    test('have farmprobe tell the recycle of one of two nodes behind nginx by that page alone', {
      timeout: 180_000,
    }, async () => {
      await withSite((web01) =>
        withSite(async (web02) => {
          const { recycles, before, after, written } = await watchedRestart({ web01, web02 })
          expect(new Set(before).size).toBe(2)
          expect(recycles).toMatchObject([{ target: 'web02', evidence: 'identity' }])
          expect(after.map((worker, at) => worker === before[at])).toEqual([true, false])
          expect(written).not.toContain(key)
        }),
      )
    })
  },
)

/** What farmprobe tells of two sites behind nginx, of which the second restarts its application. */
async function watchedRestart(sites: Readonly<Record<'web01' | 'web02', Site>>) {
  const path = '/farmprobe.ashx'
  const workers = async () => {
    const pages = await Promise.all(Object.values(sites).map(({ url }) => shown(url + path)))
    return pages.map(({ body }) => (JSON.parse(body) as { readonly worker: string }).worker)
  }
  // Every start is over before farmprobe looks.
  const before = await eventually('both nodes', workers, () => true, 60_000)
  const nodes = Object.entries(sites).map(([name, { url }]) => ({ name, address: new URL(url).host }))
  await using nginx = await startNginx({ nodes: nodes.map(({ address }) => address), timeoutMs: 30_000 })
  const check = { path, headers: { 'X-Farmprobe-Key': key }, interval: '1s' }
  const farm = { identity: { json: '/worker' }, served_by: undefined }
  await using farmprobe = await startFarmprobe(shopConfig({ balancer: nginx.address, nodes, check, farm }))
  const good = () => farmprobe.probes().filter(({ reason }) => reason === 'ok')
  await eventually('answers of all', good, ({ length }) => length > 15, 60_000)
  await sites.web02.touchConfig()
  const told = async () => {
    const { text } = await farmprobe.get('/api/v1/events?kind=recycle')
    return (JSON.parse(text) as { events: readonly object[] }).events
  }
  const recycles = await eventually('a recycle', told, ({ length }) => length > 0, 60_000)
  const { text: config } = await farmprobe.get('/config')
  const written = [config, ...farmprobe.process.stderr].join('\n')
  return { recycles, before, after: await workers(), written }
}

test('the sample web.config has the module and both settings', async () => {
  const text = await readFile(identityFile('iis/web.config'), 'utf8')
  expect(text).toContain('<add name="FarmprobeIdentity" type="FarmprobeIdentity" />')
  expect(text).toContain('<add key="farmprobe:key"')
  expect(text).toContain('<location path="farmprobe.ashx">')
})
