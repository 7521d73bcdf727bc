import { expect, test } from 'vitest'
import { audit } from '../../../src/iis/audit/rules.ts'
import { placeText } from '../../../src/model/place.ts'
import { fixture, machineOf, planted } from '../../support/files/iis_files.ts'

const node = fixture('node')

/** The differences between nodes whose recycling is staggered, so that nothing else is found. */
async function differences(...changes: readonly (readonly (readonly [string, string])[])[]) {
  const machines = []
  for (const [index, change] of changes.entries()) {
    const text = planted(
      node,
      ['value="03:00:00"', `value="0${index}:00:00"`],
      ['value="03:20:00"', `value="0${index}:30:00"`],
    )
    machines.push(await machineOf(planted(text, ...change), {}, `web0${index + 1}.config`))
  }
  return audit(machines).filter(({ rule }) => rule.id === 'nodes-differ')
}

test('nodes that differ only in when they recycle are the same', async () => {
  expect(await differences([], [], [])).toEqual([])
})

test('the one node that differs from most is named, with the value of the others and how to set it', async () => {
  const findings = await differences(
    [],
    [['managedRuntimeVersion="" startMode="AlwaysRunning"', 'managedRuntimeVersion="" startMode="OnDemand"']],
    [],
  )
  expect(
    findings.map(({ place, subject, what, mend }) => [placeText(place), subject, what, mend.appcmd]),
  ).toEqual([
    [
      'web02.config:30:55',
      'pool "shop"',
      'startMode is OnDemand here and AlwaysRunning on 2 other nodes',
      ['%windir%\\system32\\inetsrv\\appcmd.exe set apppool "shop" "/startMode:AlwaysRunning"'],
    ],
  ])
})

test('of two nodes the second differs from the first', async () => {
  const findings = await differences([], [['initializationPage="/warmup"', 'initializationPage="/other"']])
  expect(findings.map(({ place, subject, what }) => [placeText(place), subject, what])).toEqual([
    [
      'web02.config:114:22',
      '2 applications ("Intranet/", "Intranet/reports")',
      'initializationPage is "/other" here and "/warmup" on another node',
    ],
  ])
})

test('an application that one node lacks is missing there', async () => {
  const findings = await differences([], [], [['path="/reports"', 'path="/report"']])
  expect(findings.map(({ place, subject, what }) => [placeText(place), subject, what])).toEqual([
    ['web01.config', 'application "Intranet/report"', 'it is missing here, and exists on another node'],
    ['web02.config', 'application "Intranet/report"', 'it is missing here, and exists on another node'],
    ['web03.config', 'application "Intranet/reports"', 'it is missing here, and exists on 2 other nodes'],
  ])
})

test('nodes without a site in common are of different farms', async () => {
  const other: [string, string][] = [
    ['<site name="Intranet"', '<site name="Extranet"'],
    ['<site name="Shop"', '<site name="Store"'],
  ]
  expect(
    await differences([], [...other, ['managedRuntimeVersion="" startMode="AlwaysRunning"', '']]),
  ).toEqual([])
})
