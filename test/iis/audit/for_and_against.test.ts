/**
 * Each rule with a configuration on which it speaks and that configuration's nearest neighbour, on which it is silent: the same after
 * the commands of the finding, or, where a person has to decide, after the one change that its note asks for.
 */
import { expect, test } from 'vitest'
import type { Finding } from '../../../src/iis/audit/finding.ts'
import { audit, rules } from '../../../src/iis/audit/rules.ts'
import { afterCommands } from '../../support/files/appcmd.ts'
import { balancerFaults, goodBalancer, goodNode, nodeFaults } from '../../support/files/iis_faults.ts'
import { machineOf, planted } from '../../support/files/iis_files.ts'

type Changes = readonly (readonly [from: string, to: string])[]

/** The rules that a fault breaks, and the files that it is in. */
interface Case {
  readonly what: string
  readonly rules: readonly string[]
  /** By name; the fault is in the last one. */
  readonly files: readonly (readonly [name: string, text: string])[]
}

const planting = (good: string, faults: typeof nodeFaults): Case[] =>
  faults.map(([what, changes, found]) => ({
    what,
    rules: [...new Set(found.map((line) => line.split(' ')[0] ?? ''))],
    files: [['host.config', planted(good, ...changes)]],
  }))

const tlsNode = planted(goodNode, [
  'bindingInformation="10.0.0.11:443:intranet.example.org" sslFlags="1"',
  'bindingInformation="*:443:shop.example.com" sslFlags="1"',
])

const cases: readonly Case[] = [
  ...planting(goodNode, nodeFaults),
  ...planting(goodBalancer, balancerFaults),
  {
    what: 'two nodes with the same minute',
    rules: ['recycle-same-minute-on-nodes'],
    files: [
      ['web01.config', goodNode],
      ['web02.config', goodNode],
    ],
  },
  {
    what: 'a node whose pool starts on demand',
    rules: ['nodes-differ'],
    files: [
      ['web01.config', goodNode],
      ['web02.config', planted(goodNode, ['managedRuntimeVersion="" startMode="AlwaysRunning"', ''])],
    ],
  },
  {
    what: 'a node that wants SNI for a name that ARR does not send',
    rules: ['arr-sni-mismatch'],
    files: [
      ['arr.config', goodBalancer],
      ['web01.config', tlsNode],
    ],
  },
  {
    what: 'a configuration that lies elsewhere',
    rules: ['shared-configuration'],
    files: [
      [
        'redirection.config',
        '<configuration><configurationRedirection enabled="true" path="\\\\fs\\iis" /></configuration>',
      ],
      ['host.config', goodNode],
    ],
  },
  {
    what: 'the file of IIS Express',
    rules: ['iis-express'],
    files: [
      [
        'host.config',
        planted(goodNode, ['%windir%\\System32\\inetsrv\\loghttp.dll', '%IIS_BIN%\\loghttp.dll']),
      ],
    ],
  },
]

/** What a person does where no command can: the one change that the note asks for. */
const byHand: Readonly<Record<string, Changes>> = {
  'a redirect to HTTPS by httpRedirect': [['<httpRedirect enabled="true"', '<httpRedirect enabled="false"']],
  'a redirect to HTTPS by HSTS': [['redirectHttpToHttps="true"', 'redirectHttpToHttps="false"']],
  'a site that wants TLS': [['sslFlags="Ssl, SslNegotiateCert"', 'sslFlags="None"']],
  'authentication before the application': [
    ['<anonymousAuthentication enabled="false"', '<anonymousAuthentication enabled="true"'],
  ],
  'a value that is none': [['queueLength="many"', 'queueLength="1000"']],
  'a rule that nearly names a farm': [['https://shoq/', 'https://shop/']],
  'ARR in two pools': [['applicationPool="arr2"', 'applicationPool="arr"']],
  'a port where ARR knows none': [[' port="81" />', '><applicationRequestRouting httpPort="81" /></server>']],
  'a node that wants SNI for a name that ARR does not send': [['sslFlags="1"', 'sslFlags="0"']],
  'a configuration that lies elsewhere': [['enabled="true" path="', 'enabled="false" path="']],
  'the file of IIS Express': [['%IIS_BIN%', '%windir%']],
}

async function findings(files: Case['files']): Promise<Finding[]> {
  const beside = Object.fromEntries(files.filter(([name]) => name === 'redirection.config'))
  const machines = []
  for (const [name, text] of files) if (!(name in beside)) machines.push(await machineOf(text, beside, name))
  return audit(machines)
}

const idsOf = (found: readonly Finding[]) => [...new Set(found.map(({ rule }) => rule.id))]

function mended({ what, rules: broken, files }: Case, found: readonly Finding[]): Case['files'] {
  const changes = byHand[what]
  if (changes !== undefined)
    return files.map(([name, text]) => [
      name,
      planted(text, ...changes.filter(([from]) => text.includes(from))),
    ])
  const commands = found
    .filter(({ rule }) => broken.includes(rule.id))
    .flatMap(({ place, mend }) => mend.appcmd.map((line) => ({ file: place.file, line })))
  expect(commands).not.toEqual([])
  return files.map(([name, text]) => [
    name,
    afterCommands(
      text,
      commands.flatMap(({ file, line }) => (file === name ? [line] : [])),
    ),
  ])
}

/** Their cure makes a pool with the defaults of the server, and its note says that it needs the settings of the old one. */
const makesPool = ['pool-shared', 'ancm-in-process-shared']

test.for(cases)('$what: $rules, and no more once that is mended', async (each) => {
  const before = await findings(each.files)
  for (const rule of each.rules) expect(idsOf(before)).toContain(rule)
  const after = idsOf(await findings(mended(each, before)))
  expect(after.filter((rule) => each.rules.includes(rule))).toEqual([])
  const isMade = each.rules.some((rule) => makesPool.includes(rule))
  expect(after.filter((rule) => !isMade && !idsOf(before).includes(rule))).toEqual([])
})

test('every rule has its case, and every change by hand is of a case', () => {
  expect(new Set(cases.flatMap((each) => each.rules))).toEqual(new Set(rules.map(({ id }) => id)))
  expect(Object.keys(byHand).filter((what) => cases.every((each) => each.what !== what))).toEqual([])
})
