/** farmprobe as users start it: the module file is part of its configuration. */
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { eventually } from '../support/eventually.ts'
import { metricsOf } from '../support/probes/probe_on_demand.ts'
import { type Farmprobe, startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { main } from '../support/processes/node_settings.ts'
import { select, totalBy } from '../support/rules/exposition.ts'
import { startHttpServer } from '../support/servers/http_server.ts'
import { tempDir } from '../support/temp_dir.ts'

const accepting = (code: number) =>
  stringify({ modules: { http_2xx: { prober: 'http', http: { valid_status_codes: [code] } } } })

const farmAt = (url: string) => ({ name: 'shop', url, checks: [{ name: 'home', interval: '1h' }] })

async function probeSuccess({ url }: Farmprobe, target: string): Promise<number | undefined> {
  const response = await fetch(`${url}/probe?target=${encodeURIComponent(target)}`)
  return metricsOf(await response.text()).probe_success
}

test.concurrent('a changed module file is taken up at once; a bad one changes nothing', async () => {
  await using dir = await tempDir()
  await using site = await startHttpServer((_, response) => void response.writeHead(404).end())
  const modules = await dir.write('blackbox.yml', accepting(200))
  const url = `http://127.0.0.1:${site.port}`
  await using farmprobe = await startFarmprobe({ blackbox: { modules }, farms: [farmAt(url)] })
  const reloaded = async () =>
    (await farmprobe.metrics()).find(({ name }) => name === 'farmprobe_config_last_reload_successful')?.value
  expect(await probeSuccess(farmprobe, `${url}/x`)).toBe(0)

  await writeFile(modules, accepting(404))
  await eventually(
    'the new modules',
    () => probeSuccess(farmprobe, `${url}/x`),
    (success) => success === 1,
  )

  await writeFile(modules, 'modules: { http_2xx: { prober: nttp } }')
  await eventually('a failed reload', reloaded, (value) => value === 0)
  expect(farmprobe.process.stderr.join('\n')).toContain('modules.http_2xx.prober: not one of the choices')
  expect(await probeSuccess(farmprobe, `${url}/x`)).toBe(1)

  await writeFile(modules, accepting(200))
  await eventually(
    'the next modules',
    () => probeSuccess(farmprobe, `${url}/x`),
    (success) => success === 0,
  )
  expect(await reloaded()).toBe(1)
})

test.concurrent('without a key, the hosts of farms are served with the usual module, and nothing else', async () => {
  await using site = await startHttpServer((_, response) => void response.end())
  await using other = await startHttpServer((_, response) => void response.end())
  const url = `http://127.0.0.1:${site.port}`
  await using farmprobe = await startFarmprobe({ farms: [farmAt(url)] })
  expect(await probeSuccess(farmprobe, url)).toBe(1)
  const refused = await fetch(`${farmprobe.url}/probe?target=http://127.0.0.1:${other.port}`)
  expect(refused.status).toBe(403)
  expect(other.asked).toEqual([])
  const counted = select(await farmprobe.metrics(), 'farmprobe_on_demand_requests_total')
  expect(totalBy(counted, 'answer')).toEqual({ probed: 1, refused: 1 })
})

test.concurrent('check looks into the module file', async () => {
  await using dir = await tempDir()
  await dir.write('good.yml', 'modules: { http_2xx: { prober: http }, ping: { prober: icmp } }')
  await dir.write('bad.yml', 'modules:\n  http_2xx:\n    prober: http\n    htpp: {}\n')
  const check = async (modules: string, allow: unknown = []) => {
    const file = await dir.write(
      'f.yaml',
      stringify({ blackbox: { modules, allow }, farms: [farmAt('http://a.example.org')] }),
    )
    const run = promisify(execFile)(process.execPath, [main, 'check', file])
    const { stdout } = await run.catch((error: { stdout: string }) => error)
    return stdout.replaceAll(`${dir.path}/`, '')
  }
  const good = await check('good.yml')
  const bad = await check('bad.yml')
  const missing = await check('none.yml')
  const noTarget = await check('good.yml', ['a b'])
  expect(good).toContain(
    'warning: good.yml:1:46: modules.ping: this module is not served: its prober is icmp',
  )
  expect(bad).toContain('bad.yml:4:5: modules.http_2xx.htpp: unknown key; did you mean http?')
  expect(missing).toContain('none.yml: cannot be read: no such file')
  expect(noTarget).toContain(
    'blackbox.allow[0]: not a host, an address or a URL: "a b"; write a host, host:port',
  )
})
