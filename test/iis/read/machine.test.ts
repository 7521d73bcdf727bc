import { expect, test } from 'vitest'
import { remarkText } from '../../../src/iis/read/remark.ts'
import type { Setting } from '../../../src/iis/read/setting.ts'
import { placeText } from '../../../src/model/place.ts'
import { configuration, fixture, machineOf, readingOf } from '../../support/files/iis_files.ts'

const shown = ({ value, from, place }: Setting<unknown>) => `${String(value)} ${from} ${placeText(place)}`

test('a pool takes from itself, then from the defaults of the server, then from the schema, attribute by attribute', async () => {
  const { pools } = await machineOf(
    `<configuration>
<system.applicationHost>
<applicationPools>
<add name="own" startMode="AlwaysRunning"><processModel idleTimeout="01:30:00" /></add>
<add name="none" />
<applicationPoolDefaults startMode="OnDemand">
<processModel idleTimeout="00:05:00" maxProcesses="2" />
<recycling><periodicRestart time="29:00:00" /></recycling>
</applicationPoolDefaults>
</applicationPools>
</system.applicationHost>
</configuration>`,
  )
  expect(
    pools.map(({ startMode, idleTimeoutMs, maxProcesses, queueLength }) =>
      [startMode, idleTimeoutMs, maxProcesses, queueLength].map(shown),
    ),
  ).toEqual([
    [
      'AlwaysRunning own host.config:4:17',
      '5400000 own host.config:4:57',
      '2 defaults host.config:7:38',
      '1000 schema host.config:4:1',
    ],
    [
      'OnDemand defaults host.config:6:26',
      '300000 defaults host.config:7:15',
      '2 defaults host.config:7:38',
      '1000 schema host.config:5:1',
    ],
  ])
  expect(pools[0]?.recycleEveryMs.value).toBe(29 * 3_600_000)
})

test.for([
  ['29:00:00', 104_400_000],
  ['1.05:00:00', 104_400_000],
  ['00:00:00', 0],
  ['300.00:00:00', 25_920_000_000],
  ['00:00:01.5', 1500],
] as const)('the time span %s is %d ms', async ([written, ms]) => {
  const { pools } = await machineOf(
    configuration(`<add name="a"><recycling><periodicRestart time="${written}" /></recycling></add>`),
  )
  expect(pools[0]?.recycleEveryMs.value).toBe(ms)
})

test('a value that cannot be read is reported once with its place, and the next default holds; a secret is not shown', async () => {
  const { pools, remarks } = await machineOf(
    configuration(
      '<add name="a" startMode="Sometimes" /><add name="b" queueLength="[enc:Aes:c2VjcmV0:enc]" />' +
        '<applicationPoolDefaults autoStart="maybe" />',
    ),
  )
  expect(pools.map(({ startMode, autoStart }) => [startMode.value, autoStart.value])).toEqual([
    ['OnDemand', true],
    ['OnDemand', true],
  ])
  expect(remarks.map(remarkText)).toEqual([
    'host.config:1:72: startMode is "Sometimes"; write OnDemand or AlwaysRunning',
    'host.config:1:110: queueLength is "[encrypted]"; write a whole number from 10 to 65535',
    'host.config:1:174: autoStart is "maybe"; write true or false',
  ])
})

const site = (inner: string, attributes = '') =>
  `<site name="S" id="1" ${attributes}>${inner}<bindings><binding protocol="http" bindingInformation="*:80:" /></bindings></site>`

const poolsOf = async (sites: string) =>
  (await machineOf(configuration('', sites))).sites[0]?.applications.map(({ pool }) => pool.value)

test('an application takes its pool from itself, its site, all sites, and else is in DefaultAppPool', async () => {
  const apps = '<application path="/" applicationPool="own" /><application path="/a" />'
  const all = '<applicationDefaults applicationPool="all" />'
  expect(await poolsOf(site(`${apps}<applicationDefaults applicationPool="site" />`) + all)).toEqual([
    'own',
    'site',
  ])
  expect(await poolsOf(site(apps) + all)).toEqual(['own', 'all'])
  expect(await poolsOf(site(apps))).toEqual(['own', 'DefaultAppPool'])
})

test('preload is taken from the defaults of the site; on those of all sites IIS refuses it, which is reported', async () => {
  const app = '<application path="/" />'
  const own = await machineOf(configuration('', site(`${app}<applicationDefaults preloadEnabled="True" />`)))
  expect(own.sites[0]?.applications[0]?.preload.value).toBe(true)
  const all = await machineOf(configuration('', `${site(app)}<applicationDefaults preloadEnabled="true" />`))
  expect(all.sites[0]?.applications[0]?.preload.value).toBe(false)
  expect(all.remarks.map(remarkText)).toEqual([
    expect.stringMatching(
      /preloadEnabled on applicationDefaults is unknown to IIS; it belongs on application\. IIS refuses the section sites$/,
    ),
  ])
})

test('bindings are read with IPv6, all addresses and no host; those that are not HTTP are left out', async () => {
  const bindings = ['*:80:WWW.Example.org', '[::1]:8080:', '10.0.0.5:443:', '*:x:'].map(
    (information) => `<binding protocol="http" bindingInformation="${information}" />`,
  )
  const { sites, remarks } = await machineOf(
    configuration(
      '',
      `<site name="S"><application path="/" /><bindings>${bindings.join('')}` +
        '<binding protocol="net.pipe" bindingInformation="*" /></bindings></site>' +
        '<site name="Ftp"><bindings><binding protocol="ftp" bindingInformation="*:21:" /></bindings></site>',
    ),
  )
  expect(
    sites.map(({ name, bindings }) => [name, bindings.map(({ ip, port, host }) => `${ip}|${port}|${host}`)]),
  ).toEqual([['S', ['|80|www.example.org', '::1|8080|', '10.0.0.5|443|']]])
  expect(remarks).toHaveLength(1)
})

const initialization = (page: string) =>
  `<system.webServer><applicationInitialization><add initializationPage="${page}" /></applicationInitialization></system.webServer>`

test('warm-up pages come from the server, location tags and web.config files, down to the application', async () => {
  const app = '<application path="/" /><application path="/app" />'
  const text = configuration(
    '',
    site(app),
    `${initialization('/server')}<location path="s/APP">${initialization('/location')}</location><location path="Other">${initialization('/other')}</location>`,
  )
  const { warmups } = await machineOf(text, {
    'S/web.config': `<configuration>${initialization('/site')}<location path="app">${initialization('/site-of-app')}</location></configuration>`,
    'S/app/web.config': `<configuration><system.webServer><applicationInitialization><remove initializationPage="/server" /><add initializationPage="/app" /></applicationInitialization></system.webServer></configuration>`,
  })
  expect([...warmups].map(([id, { pages }]) => [id, pages.map(({ url }) => url)])).toEqual([
    ['S/', ['/server', '/site']],
    ['S/app', ['/location', '/site', '/site-of-app', '/app']],
  ])
})

test('a web.config that cannot be read is reported, and the rest is read', async () => {
  const machine = await machineOf(configuration('<add name="p" />', site('<application path="/" />')), {
    'S/web.config': '<configuration><broken></configuration>',
  })
  expect(machine.pools).toHaveLength(1)
  expect(machine.remarks.map(remarkText)).toEqual([
    expect.stringMatching(/^S\/web\.config:1:\d+: not well-formed/),
  ])
})

test('a section in a file of its own is read from below the configuration only', async () => {
  const text =
    '<configuration><system.applicationHost><applicationPools configSource="parts\\pools.config" />' +
    '<sites configSource="..\\sites.config" /></system.applicationHost></configuration>'
  const machine = await machineOf(text, {
    'parts/pools.config': '<applicationPools><add name="p" /></applicationPools>',
    '../sites.config': '<sites />',
  })
  expect(machine.pools.map(({ name, place }) => [name, placeText(place)])).toEqual([
    ['p', 'parts/pools.config:1:19'],
  ])
  expect(machine.remarks.map(remarkText)).toEqual([
    'host.config:1:101: the section <sites> lies in "..\\sites.config": only files below the configuration are read; name the file by a relative path',
  ])
})

test('a redirection beside the file says that IIS reads another one', async () => {
  const { remarks } = await machineOf(configuration(''), {
    'redirection.config':
      '<configuration><configSections /><configurationRedirection enabled="true" path="\\\\fs01\\iis" password="geheim" /></configuration>',
  })
  expect(remarks.map(remarkText)).toEqual([
    'redirection.config:1:75: IIS on this server reads the shared configuration in "\\\\fs01\\iis", not host.config; name the file in there',
  ])
})

test('web farms have every server with its ports and settings of ARR', async () => {
  const { farms, routes } = await machineOf(fixture('balancer'))
  const [intranet, shop] = farms
  expect(farms.map(({ name }) => name)).toEqual(['intranet', 'shop'])
  expect(
    intranet?.servers.map(
      ({ address, enabled, httpPort }) => `${address} ${enabled.value} ${httpPort.value}`,
    ),
  ).toEqual([
    '10.0.0.11 true 8080',
    '10.0.0.12 true 8080',
    'web03.example.org true 8080',
    '10.0.0.14 true 8080',
    '10.0.0.15 false 80',
  ])
  expect(intranet).toMatchObject({
    timeoutMs: { value: 120_000 },
    cacheEnabled: { value: false },
    usesCookie: { value: true },
    cookieName: { value: 'ARRAffinity', from: 'schema' },
    health: { url: { value: 'http://intranet.example.org/health?full=1' }, minServers: { value: 1 } },
  })
  expect(shop?.health.intervalMs).toMatchObject({ value: 30_000, from: 'schema' })
  expect(routes.map(({ farm, scheme, hosts }) => [farm, scheme, hosts])).toEqual([
    ['intranet', 'http', ['intranet.example.org']],
    ['shop', 'https', ['shop.example.com']],
  ])
})

test('mistakes of guides in web farms are reported with their place', async () => {
  const { farms, remarks } = await machineOf(
    `<configuration><system.webServer><webFarms /></system.webServer>
<webFarms><webFarm name="f">
<server address="a" port="8080" /><server />
<healthCheck url="http://a/"  interval="5" />
</webFarm></webFarms></configuration>`,
  )
  expect(farms[0]?.servers.map(({ address, httpPort }) => [address, httpPort.value])).toEqual([['a', 80]])
  expect(remarks.map(remarkText)).toEqual([
    'host.config:3:21: port on server is unknown to IIS; write <applicationRequestRouting httpPort="…" /> inside the server. IIS refuses the section webFarms',
    'host.config:4:1: healthCheck directly in webFarm; it belongs in applicationRequestRouting there. IIS refuses the section webFarms',
    'host.config:4:31: interval is "5"; write hours, minutes and seconds, such as 00:20:00; a lone 5 would be days',
    'host.config:1:34: webFarms inside system.webServer; IIS knows it beside system.webServer only',
    'host.config:3:35: a server without an address; write address="10.0.0.11" or a host name',
  ])
})

test('the fixtures hold secrets, and nothing that is read shows them', async () => {
  for (const name of ['node', 'balancer'] as const)
    expect(JSON.stringify(await readingOf(fixture(name)))).not.toMatch(/c2VjcmV0|AQIAAA5m/)
})
