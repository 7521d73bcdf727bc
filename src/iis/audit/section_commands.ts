/** Builds the commands that change a section where it stands. */
import type { Obstacle } from '../read/warmup.ts'
import type { Where } from '../read/where.ts'
import {
  appcmd,
  type Change,
  property,
  setProperty,
  single,
  theServer,
  whenQuotable,
} from './command_text.ts'
import type { Mend } from './finding.ts'

const initialization = 'system.webServer/applicationInitialization'

/** Changes a section where it stands: in the web.config of a location, or in the server's file. */
function setConfig({ location, inServerFile }: Where, section: string, change: string): string {
  const place = location === '' ? '' : ` "${location}"`
  return appcmd(
    `set config${place} -section:${section} "/${change}"${inServerFile ? ' /commit:apphost' : ''}`,
  )
}

/** Changes an attribute of a section that is no collection. */
export function setSection(where: Where, section: string, { setting, value }: Change): Mend {
  return whenQuotable([where.location, value], () => ({
    appcmd: [setConfig(where, section, `${setting}:${value}`)],
    powershell: [property('Set', section, setting, single(value), where)],
  }))
}

export const setInitialization = (where: Where, change: Change): Mend =>
  setSection(where, initialization, change)

/** Adds an element to a collection of a section, or to one below it; `at` is its path there, and empty for the section. */
export function addElement(
  where: Where,
  section: string,
  at: string,
  values: Readonly<Record<string, string>>,
): Mend {
  const pairs = Object.entries(values)
  return whenQuotable([where.location], () => ({
    appcmd: [
      setConfig(
        where,
        section,
        `+${at === '' ? '' : `${at}.`}[${pairs.map(([key, value]) => `${key}='${value}'`).join(',')}]`,
      ),
    ],
    powershell: [
      property(
        'Add',
        [section, ...at.split('.').filter((step) => step !== '')].join('/'),
        '.',
        `@{${pairs.map(([key, value]) => `${key}=${single(value)}`).join(';')}}`,
        where,
      ),
    ],
  }))
}

const page = (url: string) => `@{initializationPage=${single(url)}}`

export function replacePage(where: Where, from: string, to: string): Mend {
  const make = (): Mend => ({
    appcmd: [
      setConfig(where, initialization, `-[initializationPage='${from}']`),
      setConfig(where, initialization, `+[initializationPage='${to}']`),
    ],
    powershell: [
      property('Remove', initialization, '.', page(from), where),
      property('Add', initialization, '.', page(to), where),
    ],
    note: `replace ${to} by a page that runs the application and what it depends on`,
  })
  return whenQuotable([where.location], make, [from])
}

/** Exempts warm-up requests from a rewrite rule that redirects to HTTPS, where the rule stands. */
export function spareWarmup({ name: rule, section, where }: NonNullable<Obstacle['rule']>): Mend {
  const condition = "@{input='{WARMUP_REQUEST}';pattern='1';negate='True'}"
  const make = (): Mend => ({
    appcmd: [
      setConfig(
        where,
        section,
        `+[name='${rule}'].conditions.[input='{WARMUP_REQUEST}',pattern='1',negate='true']`,
      ),
    ],
    powershell: [property('Add', `${section}/rule[@name="${rule}"]/conditions`, '.', condition, where)],
    note: 'the conditions of the rule must all have to hold (logicalGrouping="MatchAll", which is the default)',
  })
  return whenQuotable([where.location], make, [rule])
}

/** Enables a rewrite rule, or gives another of its attributes a value. */
export const setRule = (rule: string, section: string, where: Where, { setting, value }: Change): Mend =>
  whenQuotable(
    [where.location, value],
    () => ({
      appcmd: [setConfig(where, section, `[name='${rule}'].${setting}:${value}`)],
      powershell: [setProperty(`${section}/rule[@name="${rule}"]`, { setting, value }, where)],
    }),
    [rule],
  )

const traceRules = 'system.webServer/tracing/traceFailedRequests'

/** Traces what is answered 502 to 504 or takes ten seconds, on every site that has tracing on; `areas` are those of the events. */
export function traceFailures(areas: string): Mend {
  const [path, rule] = ["[path='*']", `${traceRules}/add[@path="*"]`]
  const failures = Object.entries({ statusCodes: '502-504', timeTaken: '00:00:10' })
  const trace = { provider: 'WWW Server', areas, verbosity: 'Warning' }
  const pairs = (between: string) =>
    Object.entries(trace)
      .map(([key, value]) => `${key}='${value}'`)
      .join(between)
  return {
    appcmd: [
      `+${path}`,
      `+${path}.traceAreas.[${pairs(',')}]`,
      ...failures.map(([setting, value]) => `${path}.failureDefinitions.${setting}:${value}`),
    ].map((change) => setConfig(theServer, traceRules, change)),
    powershell: [
      property('Add', traceRules, '.', "@{path='*'}"),
      property('Add', `${rule}/traceAreas`, '.', `@{${pairs(';')}}`),
      ...failures.map(([setting, value]) => setProperty(`${rule}/failureDefinitions`, { setting, value })),
    ],
  }
}
