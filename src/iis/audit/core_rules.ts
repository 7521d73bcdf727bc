/** ASP.NET Core in IIS: how long its module waits, and which applications can be in one process. */
import { formatDuration } from '../../runtime/duration.ts'
import type { Core } from '../read/asp_net_core.ts'
import { quoted } from '../read/remark.ts'
import { originText } from '../read/setting.ts'
import type { Application } from '../read/site.ts'
import { byHand, moveToOwnPool } from './cure_commands.ts'
import type { Found, Rule } from './finding.ts'
import { applicationThing, onApplications, onPools, poolThing } from './scope.ts'
import { addElement, setSection } from './section_commands.ts'

const section = 'system.webServer/aspNetCore'

const onCores = (look: (core: Core, application: Application) => Found | false): Rule['look'] =>
  onApplications((application, { core }) => core !== undefined && look(core, application))

const nameFor = ({ site, path }: Application) => `${site}${path.replaceAll('/', ' ')}`.trim()

const startLimit: Rule = {
  id: 'ancm-startup-limit-short',
  forExpress: true,
  severity: 'error',
  todo: 'give ASP.NET Core applications time to start',
  title: 'An ASP.NET Core application that is ended before it can have started',
  meaning: 'Each slow start ends in an error page, 502.5 or 500.37, and begins again.',
  look: onCores(
    ({ startMs, whereOf }, application) =>
      startMs.value < 30_000 && {
        place: startMs.place,
        subject: applicationThing(application).subject,
        what: `startupTimeLimit of aspNetCore is ${formatDuration(startMs.value)}${originText(startMs)}`,
        mend: setSection(whereOf(startMs), section, { setting: 'startupTimeLimit', value: '120' }),
      },
  ),
}

const requestLimit: Rule = {
  id: 'ancm-request-limit-short',
  severity: 'warning',
  todo: 'let the ASP.NET Core Module wait as long as the balancer does',
  title: 'An ASP.NET Core application whose slow answers are given up early',
  meaning: 'The node itself answers 502.3 after that time, which the balancer passes on.',
  look: onCores(
    ({ requestMs, whereOf, isInProcess }, application) =>
      requestMs.value < 60_000 && {
        place: requestMs.place,
        subject: applicationThing(application).subject,
        what:
          `requestTimeout of aspNetCore is ${formatDuration(requestMs.value)}${originText(requestMs)}` +
          (isInProcess
            ? '; in process it does not count, and out of process every slower answer is a 502.3'
            : ''),
        mend: setSection(whereOf(requestMs), section, { setting: 'requestTimeout', value: '00:02:00' }),
      },
  ),
}

const inProcessShared: Rule = {
  id: 'ancm-in-process-shared',
  severity: 'error',
  todo: 'give each in-process application a pool of its own',
  title: 'An in-process ASP.NET Core application that shares its pool with another one',
  meaning: 'One of them answers every request with 500.35, or 500.34 when the other one runs out of process.',
  look: onPools(({ pool, applications }, { pools, warmups }) => {
    const cores = applications.filter(({ id }) => warmups.get(id)?.core !== undefined)
    const [, ...others] = cores
    if (others.length === 0 || !cores.some(({ id }) => warmups.get(id)?.core?.isInProcess)) return false
    const [second] = others
    const isTaken =
      second !== undefined && pools.some(({ name }) => name.toLowerCase() === nameFor(second).toLowerCase())
    return {
      place: pool.place,
      subject: poolThing(pool).subject,
      what: `it holds the ASP.NET Core applications ${cores.map(({ id }) => quoted(id)).join(', ')}, at least one of them in process`,
      mend:
        second === undefined || isTaken || others.length > 1
          ? byHand('move all but one of them to pools of their own')
          : moveToOwnPool(others, nameFor(second)),
    }
  }),
}

const shutdownDelay: Rule = {
  id: 'ancm-shutdown-delay',
  severity: 'note',
  todo: 'let in-process applications serve on for a moment in a recycle',
  title: 'An in-process ASP.NET Core application that stops before its last requests come',
  meaning:
    'In a recycle some requests are answered 503 "Server has been shutdown", by modules before that of .NET 9 many.',
  look: onCores(
    ({ isInProcess, shutdownDelayMs, hostingModel, whereOf }, application) =>
      isInProcess &&
      shutdownDelayMs === undefined && {
        place: hostingModel.place,
        subject: applicationThing(application).subject,
        what: 'it runs in process, and handlerSettings have no shutdownDelay',
        mend: addElement(whereOf(hostingModel), section, 'handlerSettings', {
          name: 'shutdownDelay',
          value: '5000',
        }),
      },
  ),
}

export const coreRules: readonly Rule[] = [startLimit, inProcessShared, requestLimit, shutdownDelay]
