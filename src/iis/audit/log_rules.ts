/** Whether IIS writes down what is needed to explain an incident afterwards. */
import { flagsOf } from '../read/kinds.ts'
import type { Machine } from '../read/machine.ts'
import { printable } from '../read/remark.ts'
import { originText } from '../read/setting.ts'
import { installTracing, together } from './cure_commands.ts'
import type { Rule } from './finding.ts'
import { isBalancer } from './roles.ts'
import { onPools, onSites, poolThing, settingFound, siteThing } from './scope.ts'
import { traceFailures } from './section_commands.ts'

/** The log of ARR says that a request failed, and those of nodes why. */
const allSites = ({ sites }: Machine) => sites

const recycleKinds = [
  'Time',
  'Requests',
  'Schedule',
  'Memory',
  'IsapiUnhealthy',
  'OnDemand',
  'ConfigChange',
  'PrivateMemory',
]

const recycles: Rule = {
  id: 'recycles-not-logged',
  severity: 'note',
  todo: 'log every kind of recycle',
  title: 'Recycles that leave no trace in the event log',
  meaning: 'Why users met a cold worker cannot be found out afterwards.',
  look: onPools(({ pool }) => {
    const { logEventOnRecycle: setting } = pool
    if (setting.from === 'schema' || /^\d+$/.test(setting.value)) return false
    const missing = recycleKinds.filter((kind) => !flagsOf(setting.value).includes(kind))
    const what = `logEventOnRecycle lacks ${missing.join(', ')}`
    return missing.length > 0 && settingFound(poolThing(pool), setting, recycleKinds.join(','), { what })
  }),
}

const logOff: Rule = {
  id: 'log-off',
  severity: 'note',
  todo: 'switch the logs of the sites on',
  title: 'A site without a log',
  meaning: 'Which requests failed, and how long each took, cannot be found out afterwards.',
  look: onSites(
    (site) => !site.logEnabled.value && settingFound(siteThing(site), site.logEnabled, 'true'),
    allSites,
  ),
}

/** What an incident is explained by; the others of IIS's own are good to have. */
const neededFields = [
  'Date',
  'Time',
  'Method',
  'UriStem',
  'UriQuery',
  'HttpStatus',
  'HttpSubStatus',
  'Win32Status',
  'TimeTaken',
]

const fields: Rule = {
  id: 'log-lacks-fields',
  severity: 'note',
  todo: 'log the fields that explain an incident',
  title: 'A log without the fields that explain an incident',
  meaning: 'The log shows that requests failed, but not why, or how long they took.',
  look: onSites((site) => {
    const { logFields: setting, logEnabled, logFormat } = site
    if (!logEnabled.value) return false
    if (logFormat.value !== 'W3C')
      return settingFound(siteThing(site), logFormat, 'W3C', {
        what: `logFormat is ${printable(logFormat.text)}, which has no sub-status`,
      })
    const written = flagsOf(setting.value)
    const missing = neededFields.filter((field) => !written.includes(field))
    const what = `logExtFileFlags lacks ${missing.join(', ')}`
    const right = [...written, ...missing].join(',')
    return missing.length > 0 && settingFound(siteThing(site), setting, right, { what })
  }, allSites),
}

/** ARR tells in events of the last two to which server it sent a request, and knows them only where it is installed. */
const areasOf = (machine: Machine) =>
  `RequestNotifications,Module${isBalancer(machine) ? ',Rewrite,RequestRouting' : ''}`

const tracingOff: Rule = {
  id: 'tracing-off',
  severity: 'note',
  todo: 'trace failed requests',
  title: 'Failed requests that leave no trace',
  meaning:
    'Which server ARR sent a request to that failed, or what a slow one waited for, cannot be found out afterwards.',
  look: onSites((site, machine) => {
    if (site.tracing.value) return false
    const what = `failed-request tracing is off${originText(site.tracing)}`
    const found = settingFound(siteThing(site), site.tracing, 'true', { what })
    const rest = machine.tracedSites.has(site.name) ? together([]) : traceFailures(areasOf(machine))
    const first = machine.hasTracing === true ? [] : [installTracing]
    const { shared } = found
    return {
      ...found,
      mend: together([...first, found.mend, rest]),
      ...(shared && { shared: { ...shared, mend: together([...first, shared.mend]), rest } }),
    }
  }, allSites),
}

const tracing: Rule = {
  id: 'tracing-without-rules',
  severity: 'note',
  todo: 'give failed-request tracing a rule',
  title: 'Failed-request tracing that traces nothing',
  meaning: 'It is switched on, but without a rule that says which requests to trace, no trace is written.',
  look: onSites((site, machine) => {
    if (!site.tracing.value || machine.tracedSites.has(site.name)) return false
    const what = 'traceFailedRequestsLogging is on, and traceFailedRequests has no rule'
    const { place } = site.tracing
    return { place, subject: siteThing(site).subject, what, mend: traceFailures(areasOf(machine)) }
  }, allSites),
}

export const logRules: readonly Rule[] = [recycles, logOff, fields, tracing, tracingOff]
