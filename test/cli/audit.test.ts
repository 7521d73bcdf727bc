import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { auditFiles } from '../../src/cli/audit.ts'
import { runCommandLine } from '../../src/cli/command_line.ts'
import { configuration, fixture, planted } from '../support/files/iis_files.ts'
import { capturedEdge } from '../support/processes/captured_edge.ts'
import { tempDir } from '../support/temp_dir.ts'

const good = fileURLToPath(new URL('../iis/fixtures/node.config', import.meta.url))
const bad = planted(fixture('node'), ['<processModel idleTimeout="00:00:00" />', ''])

test('a configuration without findings ends with 0', async () => {
  const { edge, stdout, stderr } = capturedEdge()
  expect(await auditFiles([good], {}, edge)).toBe(0)
  expect([stdout(), stderr()]).toEqual([`ok: nothing to correct in ${good}\n`, ''])
})

test('a finding is shown with its place, its meaning and the commands that correct it, plain in a pipe', async () => {
  await using dir = await tempDir()
  const file = await dir.write('web01.config', bad)
  const { edge, stdout, stderr } = capturedEdge()
  expect(await auditFiles([file, file], {}, edge)).toBe(1)
  expect(stdout().replaceAll(file, 'web01.config')).toMatchInlineSnapshot(`
    "error idle-timeout-terminates web01.config:30:13
      pool "shop": the worker is stopped after 20m without a request, which is IIS's default.
      After a quiet spell the next user waits for a whole start, or gets a 502 when the balancer does not wait that long.
      appcmd:
        %windir%\\system32\\inetsrv\\appcmd.exe set apppool "shop" "/processModel.idleTimeout:00:00:00"
      PowerShell:
        Set-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Filter 'system.applicationHost/applicationPools/add[@name="shop"]/processModel' -Name 'idleTimeout' -Value '00:00:00'
    "
  `)
  expect(stderr()).toBe('1 finding: 1 error; the commands were not run\n')
})

test('a terminal gets colour', async () => {
  await using dir = await tempDir()
  const { edge, stdout } = capturedEdge({ isTTY: true })
  await auditFiles([await dir.write('web01.config', bad)], {}, edge)
  expect(stdout()).toContain('\u001b[31merror')
})

test('--json is one document with every finding', async () => {
  await using dir = await tempDir()
  const file = await dir.write('web01.config', bad)
  const { edge, stdout } = capturedEdge()
  expect(await auditFiles([file], { json: true }, edge)).toBe(1)
  expect(JSON.parse(stdout())).toEqual({
    files: [file],
    errors: [],
    findings: [
      {
        rule: 'idle-timeout-terminates',
        severity: 'error',
        file,
        line: 30,
        column: 13,
        subject: 'pool "shop"',
        what: "the worker is stopped after 20m without a request, which is IIS's default",
        meaning: expect.any(String),
        todo: 'keep idle workers running',
        things: [{ file, line: 30, column: 13, subject: 'pool "shop"', what: expect.any(String) }],
        mend: { appcmd: [expect.any(String)], powershell: [expect.any(String)] },
      },
    ],
  })
})

test('--sarif is for code scanning, also when there is nothing to find', async () => {
  const { edge, stdout } = capturedEdge()
  expect(await auditFiles([good], { sarif: true }, edge)).toBe(0)
  expect(JSON.parse(stdout())).toMatchObject({ version: '2.1.0', runs: [{ results: [] }] })
})

test('a file that cannot be read ends with 2, and the others are audited all the same', async () => {
  await using dir = await tempDir()
  const file = await dir.write('web01.config', bad)
  const broken = await dir.write('web02.config', '<configuration>\n<a></configuration>')
  const { edge, stdout, stderr } = capturedEdge()
  expect(await auditFiles([broken, file], {}, edge)).toBe(2)
  expect(stdout()).toContain('idle-timeout-terminates')
  expect(stderr()).toContain(
    `${broken}:2:19: not well-formed XML: a closing tag that does not fit the element that is open\n`,
  )
})

test('a file that cannot be read is an error inside JSON and SARIF too', async () => {
  await using dir = await tempDir()
  const broken = await dir.write('web02.config', '<configuration>\n<a></configuration>')
  const message = 'not well-formed XML: a closing tag that does not fit the element that is open'
  const json = capturedEdge()
  expect(await auditFiles([broken, good], { json: true }, json.edge)).toBe(2)
  expect(JSON.parse(json.stdout())).toEqual({
    files: [good],
    errors: [{ file: broken, line: 2, column: 19, message }],
    findings: [],
  })
  const sarif = capturedEdge()
  expect(await auditFiles([broken, good], { sarif: true }, sarif.edge)).toBe(2)
  expect(JSON.parse(sarif.stdout())).toMatchObject({
    runs: [
      {
        invocations: [
          {
            executionSuccessful: false,
            toolExecutionNotifications: [
              {
                level: 'error',
                message: { text: message },
                locations: [{ physicalLocation: { region: { startLine: 2, startColumn: 19 } } }],
              },
            ],
          },
        ],
        results: [],
      },
    ],
  })
})

const every = (nth: number, n: number, text: string) => (n % nth === 0 ? text : '')

/** A server of many sites in pools of their own, all by IIS's defaults but some, as hosters have them. */
function manySites(count: number): string {
  const numbers = Array.from({ length: count }, (_, index) => index + 1)
  const often =
    '<recycling><periodicRestart time="12:00:00" requests="500" privateMemory="200000">' +
    '<schedule><add value="02:00:00" /></schedule></periodicRestart></recycling>'
  const pools = numbers.map((n) =>
    [
      `<add name="p${n}"${every(7, n, ' startMode="AlwaysRunning" queueLength="5000"')}>`,
      every(5, n, '<processModel idleTimeout="00:10:00" maxProcesses="2" />'),
      every(6, n, '<failure rapidFailProtection="false" />'),
      every(4, n, often),
      '</add>',
    ].join(''),
  )
  const sites = numbers.map(
    (n) =>
      `<site name="s${n}" id="${n}"><application path="/" applicationPool="p${n % 9 === 0 ? n - 1 : n}"${n % 8 === 0 ? ' preloadEnabled="true"' : ''} />` +
      `<bindings><binding protocol="http" bindingInformation="*:80:s${n}.example.org" /></bindings></site>`,
  )
  return configuration(pools.join(''), sites.join(''))
}

test('62 sites fit two screens, what to do first', async () => {
  await using dir = await tempDir()
  const { edge, stdout } = capturedEdge()
  await auditFiles([await dir.write('web01.config', manySites(62))], {}, edge)
  const lines = stdout().split('\n')
  expect(lines.length).toBeLessThanOrEqual(120)
  expect(lines[0]).toMatch(/^\d+ things to do, in this order:$/)
  expect(stdout()).toContain('appcmd')
})

test('pools that have a value by default are one finding with one command; those with their own are another', async () => {
  await using dir = await tempDir()
  const { edge, stdout } = capturedEdge()
  await auditFiles([await dir.write('web01.config', manySites(62))], { json: true }, edge)
  const { findings } = JSON.parse(stdout()) as {
    findings: {
      rule: string
      subject: string
      things: unknown[]
      mend: { appcmd: string[]; note?: string }
    }[]
  }
  const idles = findings.filter(({ rule }) => rule === 'idle-timeout-terminates')
  expect(idles.map(({ subject, things, mend }) => [subject, things.length, mend.appcmd.length])).toEqual([
    ['45 pools ("p1", "p2", "p3" and 42 more)', 45, 1],
    ['11 pools ("p5", "p10", "p15" and 8 more)', 11, 11],
  ])
  expect(idles[0]?.mend.appcmd).toEqual([
    '%windir%\\system32\\inetsrv\\appcmd.exe set config -section:system.applicationHost/applicationPools "/applicationPoolDefaults.processModel.idleTimeout:00:00:00" /commit:apphost',
  ])
  expect(idles[0]?.mend.note).toMatch(/^"p5", "p10", .* has a value of its own, which stays$/)
})

test('a file without pool, site and farm is an error, not a file without findings', async () => {
  await using dir = await tempDir()
  const file = await dir.write('web.config', '<configuration><system.webServer /></configuration>')
  const { edge, stdout, stderr } = capturedEdge()
  expect([await auditFiles([file], {}, edge), stdout()]).toEqual([2, ''])
  expect(stderr()).toBe(
    `${file}: it has no application pool, no site and no web farm; name an applicationHost.config\n`,
  )
})

test('the command line knows the verbs, and refuses two formats at once', async () => {
  expect(await runCommandLine(['audit', good])).toBe(0)
  expect(await runCommandLine(['audit', good, '--json', '--sarif'])).toBe(2)
  expect(await runCommandLine(['audit'])).toBe(2)
  expect(await runCommandLine(['import'])).toBe(2)
})
