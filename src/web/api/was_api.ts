import { mostWasBytes, wasPath } from '../body_limits.ts'
import { bodyOf } from '../request_body.ts'
import { givenBy, type Parameter, since, until } from './parameters.ts'
import { Refusal } from './refusal.ts'
import type { Route } from './route.ts'

const computer: Parameter<string> = {
  description: 'The computer that sends; needed where there may be no events.',
  schema: { type: 'string' },
  wrong: 'is no name of a computer: give at most 255 letters, digits, dots, - and _',
  read: (text) => (/^[\p{L}\p{N}._-]{1,255}$/u.test(text) ? text : undefined),
}

const parameters = {
  computer,
  since: { ...since, description: 'From when on these are all events of WAS, by the clock of the sender.' },
  until: { ...until, description: 'Up to when, by that clock: its present time.' },
}

export const wasApi: Route = {
  method: 'post',
  path: wasPath,
  summary:
    'Takes events of WAS in XML, as `Get-WinEvent` and `ToXml` give them: why worker processes ended. Only with `was: { push: true }`.',
  description: 'Sending an event again changes nothing.',
  parameters,
  bodyType: 'application/xml',
  status: 200,
  schema: 'was',
  async respond(c, { ports, nowMs }) {
    const { computer: name, since: sinceMs, until: untilMs } = givenBy(c, parameters, nowMs)
    if (!/^(application|text)\/xml(;|$)/i.test(c.req.header('Content-Type') ?? ''))
      throw new Refusal(415, 'the body is not XML: send events of Windows as application/xml')
    if (sinceMs !== undefined && untilMs !== undefined && sinceMs > untilMs)
      throw new Refusal(400, 'since is after until: give the earlier time as since')
    const taken = ports.was({ read: () => bodyOf(c, mostWasBytes), computer: name, sinceMs, untilMs })
    if (taken === undefined)
      throw new Refusal(
        403,
        'sending events of WAS is not enabled: write was: { push: true } in the configuration',
      )
    const answer = await taken
    if ('why' in answer) throw new Refusal(400, `the body cannot be read: ${answer.why}`)
    return c.json(answer)
  },
}
