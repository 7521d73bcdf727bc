import { execFile } from 'node:child_process'
import { mkdir, truncate, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { check } from '../../src/cli/check.ts'
import { importFile } from '../../src/cli/import.ts'
import { once } from '../../src/cli/once.ts'
import { configuration, fixture } from '../support/files/iis_files.ts'
import { capturedEdge } from '../support/processes/captured_edge.ts'
import { main } from '../support/processes/node_settings.ts'
import { startRawServer } from '../support/servers/raw_server.ts'
import { tempDir } from '../support/temp_dir.ts'

const fixtureFile = (name: string) =>
  fileURLToPath(new URL(`../iis/fixtures/${name}.config`, import.meta.url))

const rule = (name: string, host: string) =>
  `<rule name="${name}"><conditions><add input="{HTTP_HOST}" pattern="${host}" /></conditions>` +
  `<action type="Rewrite" url="http://${name}/{R:0}" /></rule>`

test('two web farms of four servers give a file that check accepts and once runs against stand-ins', async () => {
  await using owned = new AsyncDisposableStack()
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 18\r\nConnection: close\r\n\r\nhere all is well\r\n'
  const start = async () => owned.use(await startRawServer((socket) => socket.end(answer))).port
  const dir = owned.use(await tempDir())
  const farm = async (name: string) => {
    const servers = []
    for (let number = 1; number <= 4; number++)
      servers.push(
        `<server address="127.0.0.1"><applicationRequestRouting httpPort="${await start()}" /></server>`,
      )
    return (
      `<webFarm name="${name}">${servers.join('')}<applicationRequestRouting>` +
      `<healthCheck url="http://${name}/health" responseMatch="all is well" /></applicationRequestRouting></webFarm>`
    )
  }
  const gateway = `<site name="G"><application path="/" /><bindings><binding protocol="http" bindingInformation="*:${await start()}:" /></bindings></site>`
  const config = configuration(
    '',
    gateway,
    `<webFarms>${await farm('intranet')}${await farm('shop')}</webFarms>` +
      `<system.webServer><rewrite><globalRules>${rule('intranet', '^127\\.0\\.0\\.1$')}${rule('shop', 'localhost')}</globalRules></rewrite></system.webServer>`,
  )
  const imported = capturedEdge()
  expect(await importFile(await dir.write('applicationHost.config', config), imported.edge)).toBe(0)
  expect(imported.stderr()).toMatch(
    /^2 farms with 8 nodes written; \d+ decisions to make: look for DECIDE\n$/,
  )
  const file = await dir.write('farm.yaml', imported.stdout())

  const checked = capturedEdge()
  expect([await check(file, {}, checked.edge), checked.stdout()]).toEqual([
    0,
    expect.stringContaining('2 farms'),
  ])
  const probed = capturedEdge()
  const code = await once({ config: file, json: true }, probed.edge)
  const { findings } = JSON.parse(probed.stdout()) as {
    findings: {
      farm: string
      check: string
      outcomes: { target: string; reason: string; detail: string }[]
    }[]
  }
  expect(
    findings.map(({ farm, check, outcomes }) => [
      farm,
      check,
      outcomes.map(({ target, reason }) => `${target} ${reason}`),
    ]),
  ).toEqual(
    ['intranet', 'shop'].flatMap((farm) => {
      const nodes = ['127.0.0.1 ok', '127.0.0.1-2 ok', '127.0.0.1-3 ok', '127.0.0.1-4 ok']
      return [
        [farm, 'home', ['balancer ok', ...nodes]],
        [farm, 'health', nodes],
      ]
    }),
  )
  expect(code).toBe(0)
})

test('the imported file says where every line came from and what to decide', async () => {
  const { edge, stdout } = capturedEdge()
  expect(await importFile(fixtureFile('balancer'), edge)).toBe(0)
  await expect(stdout().replaceAll(fixtureFile('balancer'), 'balancer.config')).toMatchFileSnapshot(
    '../iis/fixtures/balancer.yaml',
  )
})

test('without ARR the sites become farms to complete', async () => {
  const { edge, stdout, stderr } = capturedEdge()
  expect(await importFile(fixtureFile('node'), edge)).toBe(0)
  await expect(stdout().replaceAll(fixtureFile('node'), 'node.config')).toMatchFileSnapshot(
    '../iis/fixtures/node.yaml',
  )
  expect(stderr()).toBe('2 farms with 1 node written; 5 decisions to make: look for DECIDE\n')
})

const site = (number: number, inside: string) =>
  `<site name="s${number}" ${number % 3 === 0 ? 'serverAutoStart="false"' : ''}><application path="/" />${inside}</site>`

const binding = (information: string) =>
  `<bindings><binding protocol="http" bindingInformation="${information}" /></bindings>`

test('what has to be decided for every site is asked once: 15 sites ask at most 15 questions', async () => {
  await using dir = await tempDir()
  const { edge, stdout, stderr } = capturedEdge()
  const sites = Array.from({ length: 15 }, (_, index) =>
    site(index, binding(index % 2 === 0 ? `*:80:s${index}.example.org` : `*:${8000 + index}:`)),
  )
  const file = await dir.write('a.config', configuration('', sites.join('')))
  expect(await importFile(file, edge)).toBe(0)
  expect(stdout().match(/DECIDE:/g)?.length).toBe(6)
  expect(stderr()).toBe('15 farms with 0 nodes written; 6 decisions to make: look for DECIDE\n')
})

test('a reverse proxy without a web farm is a farm whose node is the server of the rule', async () => {
  await using dir = await tempDir()
  const { edge, stdout } = capturedEdge()
  const rules =
    '<system.webServer><proxy enabled="true" timeout="00:00:45" /><rewrite><globalRules>' +
    '<rule name="a"><conditions><add input="{HTTP_HOST}" pattern="^кино\\.example\\.org$" /></conditions><action type="Rewrite" url="https://10.0.0.11:8443/{R:1}" /></rule>' +
    '<rule name="b"><action type="Rewrite" url="http://[::1]/{R:1}" /></rule>' +
    '<rule name="off" enabled="false"><action type="Rewrite" url="http://10.0.0.99/{R:1}" /></rule></globalRules></rewrite></system.webServer>'
  const file = await dir.write('a.config', configuration('', site(1, binding('*:80:')), rules))
  expect(await importFile(file, edge)).toBe(0)
  const text = stdout()
  expect(text).toContain('url: http://xn--h1adke.example.org')
  expect(text).toContain('address: "10.0.0.11:8443"\n        scheme: https')
  expect(text).toContain('address: "[::1]:80"')
  expect(text).toContain("# ARR answers 502 in a node's place after 45s")
  expect(text).not.toContain('10.0.0.99')
  const checked = capturedEdge()
  expect(await check(await dir.write('farm.yaml', text), {}, checked.edge)).toBe(0)
})

test('the host that ARR sends instead of the users is named', async () => {
  await using dir = await tempDir()
  const written = async (attributes: string) => {
    const { edge, stdout } = capturedEdge()
    const farm = `<webFarms><webFarm name="f"><server address="a" /><applicationRequestRouting><protocol ${attributes} /></applicationRequestRouting></webFarm></webFarms>`
    await importFile(await dir.write('a.config', configuration('', '', farm)), edge)
    return stdout()
  }
  expect(await written('preserveHostHeader="false" alternateHostName="shop.internal"')).toContain(
    '# ARR sends its servers "shop.internal" as Host (',
  )
  expect(await written('preserveHostHeader="false"')).toContain(
    '# ARR sends its servers their own names as Host (',
  )
  expect(await written('alternateHostName="shop.internal"')).not.toContain('as Host (')
})

test('a rule in the web.config of a site gives the scheme and the host of its farm', async () => {
  await using dir = await tempDir()
  const { edge, stdout } = capturedEdge()
  const farm = '<webFarms><webFarm name="shop"><server address="web01" /></webFarm></webFarms>'
  const file = await dir.write('applicationHost.config', configuration('', site(1, binding('*:80:')), farm))
  await mkdir(`${dir.path}/s1`)
  await dir.write(
    's1/Web.config',
    `<configuration><system.webServer><rewrite><rules>${rule('shop', '^shop\\.example\\.org$').replace('http:', 'https:')}</rules></rewrite></system.webServer></configuration>`,
  )
  expect(await importFile(file, edge)).toBe(0)
  expect(stdout()).toContain('url: http://shop.example.org')
  expect(stdout()).toContain('address: "web01:443"')
})

const authentication = (anonymous: boolean, windows: string) =>
  `<system.webServer><security><authentication><anonymousAuthentication enabled="${anonymous}" />` +
  `<windowsAuthentication ${windows}</windowsAuthentication></authentication></security></system.webServer>`

test('Windows authentication in a location tag is what the check of its site has to bring', async () => {
  await using dir = await tempDir()
  const { edge, stdout } = capturedEdge()
  const kerberosAlone = '<providers><clear /><add value="Negotiate:Kerberos" /></providers>'
  const locations = [
    [
      '',
      authentication(
        true,
        'enabled="false"><providers><add value="Negotiate" /><add value="NTLM" /></providers>',
      ),
    ],
    ['s1', authentication(false, 'enabled="true">')],
    ['S2/', authentication(false, `enabled="true">${kerberosAlone}`)],
    ['s4', authentication(true, 'enabled="true">')],
    ['s5/admin', authentication(false, 'enabled="true">')],
  ].map(([path = '', inside = '']) => `<location path="${path}">${inside}</location>`)
  const sites = [1, 2, 4, 5].map((number) => site(number, binding(`*:80:s${number}.example.org`)))
  const file = await dir.write('a.config', configuration('', sites.join(''), locations.join('\n')))
  expect(await importFile(file, edge)).toBe(0)
  const text = stdout().replaceAll(file, 'a.config')
  const checks = text
    .split(/- name: s/)
    .slice(1)
    .map((farm) => farm.split('path: /\n')[1]?.replaceAll(/a\.config:[\d:]+/g, 'PLACE'))
  const [asked, kerberos, ...others] = checks
  expect(asked).toContain(
    '        # Windows authentication ("Negotiate", "NTLM") is asked for (PLACE). With an account for probes:\n' +
      "        # auth: { ntlm: { user: 'DOMAIN\\probe', password_file: probe-password } }\n",
  )
  expect(kerberos).toContain('("Negotiate:Kerberos")')
  expect(kerberos).toContain(
    '# auth: { negotiate: { principal: probe@EXAMPLE.ORG, keytab_file: probe.keytab } }',
  )
  expect(others.join()).not.toContain('auth')
  expect(text).toContain('# DECIDE: which account do probes use where Windows authentication is asked for?')
  const checked = capturedEdge()
  expect(await check(await dir.write('farm.yaml', text), {}, checked.edge)).toBe(0)
  await dir.write('probe-password', 'a password')
  const taken = text.replace('# auth: { ntlm', 'auth: { ntlm')
  expect(await check(await dir.write('taken.yaml', taken), {}, capturedEdge().edge)).toBe(0)
})

test('a farm that is disabled or empty is left out and named', async () => {
  await using dir = await tempDir()
  const { edge, stdout } = capturedEdge()
  const file = await dir.write(
    'a.config',
    '<configuration><webFarms><webFarm name="off" enabled="false"><server address="a" /></webFarm>\n' +
      '<webFarm name="empty" /><webFarm name="on"><server address="a b" /><server address="web01" /></webFarm></webFarms></configuration>',
  )
  expect(await importFile(file, edge)).toBe(0)
  const text = stdout().replaceAll(file, 'a.config')
  expect(text).toContain('# Left out: the web farm "off", which is disabled (a.config:1:46).')
  expect(text).toContain('# Left out: the web farm "empty", which has no server (a.config:2:1).')
  expect(text).toContain('# DECIDE: "a b" is neither a host name nor an address (a.config:2:44).')
  expect(text).toContain('address: "web01:80"')
})

test('nothing to import ends with 1', async () => {
  await using dir = await tempDir()
  const { edge, stdout, stderr } = capturedEdge()
  const file = await dir.write('a.config', configuration(''))
  expect(await importFile(file, edge)).toBe(1)
  expect(stdout()).toBe('')
  expect(stderr()).toMatch(
    /nothing to import: it has no web farm with servers and no site with http bindings\n$/,
  )
})

test('a file of 200 MB is refused at once, by its size', async () => {
  await using dir = await tempDir()
  const file = await dir.write('a.config', '<configuration>')
  await truncate(file, 200 * 1024 * 1024)
  const { edge, stderr } = capturedEdge()
  expect(await importFile(file, edge)).toBe(2)
  expect(stderr()).toBe(`${file}: cannot be read: it is 200 MiB; at most 32 MiB are read\n`)
})

test('a file that is not there, or a folder, ends with 2', async () => {
  await using dir = await tempDir()
  const missing = capturedEdge()
  expect(await importFile(`${dir.path}/no.config`, missing.edge)).toBe(2)
  expect(missing.stderr()).toBe(`${dir.path}/no.config: cannot be read: no such file\n`)
  const folder = capturedEdge()
  expect(await importFile(dir.path, folder.edge)).toBe(2)
  expect(folder.stderr()).toBe(`${dir.path}: cannot be read: it is a directory, not a file\n`)
})

test('what is doubtful in the file is reported beside what is written', async () => {
  await using dir = await tempDir()
  const { edge, stderr } = capturedEdge()
  const file = await dir.write(
    'a.config',
    fixture('balancer').replace('address="10.0.1.11"', 'address="10.0.1.11" port="81"'),
  )
  expect(await importFile(file, edge)).toBe(0)
  expect(stderr()).toContain(
    `warning: ${file}:51:41: port on server is unknown to IIS; write <applicationRequestRouting httpPort`,
  )
})

test('the process takes a UTF-16 file and ends with the exit code', async () => {
  await using dir = await tempDir()
  const file = await dir.write('a.config', '')
  await writeFile(file, `\ufeff${fixture('balancer')}`, 'utf16le')
  const ended = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
    execFile(process.execPath, [main, 'import', file], (error, stdout) =>
      resolve({ code: error?.code ?? 0, stdout }),
    )
  })
  expect(ended.code).toBe(0)
  expect(ended.stdout).toContain('name: intranet')
})
