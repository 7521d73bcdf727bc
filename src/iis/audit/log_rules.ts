/** Whether IIS writes down what is needed to explain an incident afterwards. */
import { flagsOf } from '../read/kinds.ts'
import type { Rule } from './finding.ts'
import { onPools, onSites, poolThing, settingFound, siteThing } from './scope.ts'

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
  look: onSites((site) => !site.logEnabled.value && settingFound(siteThing(site), site.logEnabled, 'true')),
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
        what: `logFormat is ${logFormat.text}, which has no sub-status`,
      })
    const written = flagsOf(setting.value)
    const missing = neededFields.filter((field) => !written.includes(field))
    const what = `logExtFileFlags lacks ${missing.join(', ')}`
    const right = [...written, ...missing].join(',')
    return missing.length > 0 && settingFound(siteThing(site), setting, right, { what })
  }),
}

const tracing: Rule = {
  id: 'tracing-without-rules',
  severity: 'note',
  todo: 'give failed-request tracing a rule',
  title: 'Failed-request tracing that traces nothing',
  meaning: 'It is switched on, but without a rule that says which requests to trace, no trace is written.',
  look: onSites((site, { tracedSites }) => {
    const what = 'traceFailedRequestsLogging is on, and traceFailedRequests has no rule'
    const note =
      'or add a rule, in IIS Manager: on ARR for status codes 502 to 504, on a node by the time taken, since the node answers well'
    if (!site.tracing.value || tracedSites.has(site.name)) return false
    return settingFound(siteThing(site), site.tracing, 'false', { what, note })
  }),
}

export const logRules: readonly Rule[] = [recycles, logOff, fields, tracing]
