import { expect, test } from 'vitest'
import { remarkText } from '../../../src/iis/read/remark.ts'
import { configuration, fixture, machineOf } from '../../support/files/iis_files.ts'

const pool = (attributes: string, inner = '') => configuration(`<add name="p" ${attributes}>${inner}</add>`)
const site = (inner: string) => configuration('', `<site name="S" id="1">${inner}</site>`)
const farm = (inner: string) =>
  configuration('', '', `<webFarms><webFarm name="f">${inner}</webFarm></webFarms>`)
const server = (inner: string) => configuration('', '', `<system.webServer>${inner}</system.webServer>`)

/** The remarks without their places. */
const remarks = async (text: string) =>
  (await machineOf(text)).remarks.map((remark) => remarkText(remark).replace(/^host\.config:\d+:\d+: /, ''))

const pools = '. IIS refuses the section applicationPools'

test.for([
  [
    'a misspelt attribute',
    pool('managedPipelneMode="Integrated"'),
    `managedPipelneMode on add is unknown to IIS; write managedPipelineMode${pools}`,
  ],
  [
    'another case',
    pool('startmode="AlwaysRunning"'),
    `startmode is unknown to IIS, whose names are case-sensitive; write startMode${pools}`,
  ],
  [
    'an attribute one level too high',
    pool('idleTimeout="00:00:00"'),
    `idleTimeout on add is unknown to IIS; it belongs on processModel${pools}`,
  ],
  ['an attribute of nothing', pool('colour="red"'), `colour on add is unknown to IIS${pools}`],
  [
    'an element one level too high',
    pool('', '<periodicRestart time="00:00:00" />'),
    `periodicRestart directly in add; it belongs in recycling there${pools}`,
  ],
  ['a misspelt element', pool('', '<recyling />'), `recyling directly in add; write recycling${pools}`],
  [
    'an element in another case',
    pool('', '<Recycling />'),
    `Recycling is unknown to IIS, whose names are case-sensitive; write recycling${pools}`,
  ],
  [
    'an element of the whole file in another case',
    '<configuration><webfarms /></configuration>',
    'webfarms is unknown to IIS, whose names are case-sensitive; write webFarms',
  ],
  [
    'a word in another case',
    pool('startMode="alwaysRunning"'),
    'startMode is "alwaysRunning"; its words are case-sensitive; write AlwaysRunning',
  ],
  [
    'a word that is none',
    pool('startMode="Always"'),
    'startMode is "Always"; write OnDemand or AlwaysRunning',
  ],
  [
    'a flag that is none',
    pool('', '<recycling logEventOnRecycle="Time, Idle" />'),
    'logEventOnRecycle is "Time, Idle"; write any of Time, Requests, Schedule, Memory, IsapiUnhealthy, OnDemand, ConfigChange, PrivateMemory',
  ],
  [
    'a number below its range',
    pool('queueLength="5"'),
    'queueLength is "5"; write a whole number from 10 to 65535',
  ],
  [
    'a time above its range',
    pool('', '<processModel idleTimeout="31.00:00:00" />'),
    'idleTimeout is "31.00:00:00"; write a time from 00:00:00 to 720:00:00',
  ],
  [
    'seconds where only minutes count',
    pool('', '<processModel idleTimeout="00:00:30" />'),
    'idleTimeout is "00:00:30"; write whole minutes: IIS refuses seconds here',
  ],
  [
    'a time of day with seconds',
    pool(
      '',
      '<recycling><periodicRestart><schedule><add value="03:10:30" /></schedule></periodicRestart></recycling>',
    ),
    'value is "03:10:30"; write whole minutes: IIS refuses seconds here',
  ],
  [
    'preload on the defaults of all sites',
    configuration('', '<applicationDefaults preloadEnabled="true" />'),
    'preloadEnabled on applicationDefaults is unknown to IIS; it belongs on application. IIS refuses the section sites',
  ],
  [
    'a limit on a site itself',
    site('<application path="/" preloadenabled="true" />'),
    'preloadenabled is unknown to IIS, whose names are case-sensitive; write preloadEnabled. IIS refuses the section sites',
  ],
  [
    'a time-out of the farm itself',
    farm('<protocol timeout="00:02:00" />'),
    'protocol directly in webFarm; it belongs in applicationRequestRouting there. IIS refuses the section webFarms',
  ],
  [
    'an interval that is a number',
    farm('<applicationRequestRouting><healthCheck interval="5" /></applicationRequestRouting>'),
    'interval is "5"; write hours, minutes and seconds, such as 00:20:00; a lone 5 would be days',
  ],
  [
    'a page in another case',
    server('<applicationInitialization><add initializationpage="/" /></applicationInitialization>'),
    'initializationpage is unknown to IIS, whose names are case-sensitive; write initializationPage. IIS refuses the section applicationInitialization',
  ],
] as const)('%s is told with what would be right', async ([, text, expected]) => {
  expect(await remarks(text)).toEqual([expected])
})

test.for([
  ['elements of extensions', site('<ftpServer serverAutoStart="false" /><advancedLogging enabled="true" />')],
  ['locks and namespaces', pool('lockAttributes="autoStart" lockItem="true" xmlns:x="urn:x" x:y="z"')],
  [
    'flags as a number or none',
    pool('', '<recycling logEventOnRecycle="255" /><processModel logEventOnProcessModel="" />'),
  ],
  [
    'remove and clear',
    server(
      '<applicationInitialization><clear /><remove initializationPage="/" /></applicationInitialization>',
    ),
  ],
  [
    'sections that are not listed',
    server('<handlers accessPolicy="Read, Script"><add Name="x" /></handlers>'),
  ],
  [
    'algorithms that ARR only falls back from',
    farm(
      '<applicationRequestRouting><loadBalancing algorithm="LeastRequests" /></applicationRequestRouting>',
    ),
  ],
] as const)('%s are taken', async ([, text]) => {
  expect(await remarks(text)).toEqual([])
})

test('a name in another case is not in force: IIS does not read it', async () => {
  const { pools } = await machineOf(pool('startmode="AlwaysRunning"'))
  expect(pools[0]?.startMode).toMatchObject({ value: 'OnDemand', from: 'schema' })
})

test('a web.config is checked as well', async () => {
  const text = configuration(
    '',
    '<site name="S"><application path="/" /><bindings><binding protocol="http" bindingInformation="*:80:" /></bindings></site>',
  )
  const { remarks } = await machineOf(text, {
    'S/web.config':
      '<configuration><system.webServer><aspNetCore startuptimelimit="5" /></system.webServer></configuration>',
  })
  expect(remarks.map(remarkText)).toEqual([
    'S/web.config:1:46: startuptimelimit is unknown to IIS, whose names are case-sensitive; write startupTimeLimit. IIS refuses the section aspNetCore',
  ])
})

test('the fixtures, which follow every advice, are taken whole', async () => {
  for (const name of ['node', 'balancer'] as const)
    expect((await machineOf(fixture(name))).remarks).toEqual([])
})
