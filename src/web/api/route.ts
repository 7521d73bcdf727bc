/** A route of the API: declared once, and both the routing and the OpenAPI document follow from it. */
import type { Context } from 'hono'
import type { Clock } from '../../runtime/clock.ts'
import { jsonOf } from '../request_body.ts'
import { sendText } from '../send_text.ts'
import type { Ports } from '../web_ports.ts'
import type { Body, BodyName } from './bodies.ts'
import { type Given, givenBy, type Parameters } from './parameters.ts'
import { notEnabled, Refusal } from './refusal.ts'
import type { Answer, AnswerName } from './schemas.ts'

export interface Service {
  readonly ports: Ports
  readonly version: string
  readonly clock: Clock
  /** Wall milliseconds. */
  readonly nowMs: number
}

export interface Route {
  readonly method: 'get' | 'post'
  readonly path: string
  readonly summary: string
  readonly description?: string
  readonly parameters: Parameters
  /** The schema of a JSON body, by name. */
  readonly body?: BodyName
  /** The type of a body that is not JSON. */
  readonly bodyType?: string
  readonly status: 200 | 201
  /** The schema of the answer, by name: the schemas are loaded when the document is asked for. */
  readonly schema: AnswerName
  /** The answer is a stream of server-sent events whose data have that schema. */
  readonly isStream?: boolean
  respond(c: Context, service: Service): Response | Promise<Response>
}

const json = { 'Content-Type': 'application/json' }

/**
 * A route that reads: `answer` gets the parameters it declares, and its result has the type of the schema, or is such JSON
 * as text, whole or sent while it is made.
 */
export const readRoute = <P extends Parameters, A extends AnswerName>({
  answer,
  ...route
}: Pick<Route, 'path' | 'summary'> & {
  readonly parameters: P
  readonly schema: A
  readonly answer: (given: Given<P>, service: Service) => Promise<Answer<A> | string | AsyncGenerator<string>>
}): Route => ({
  ...route,
  method: 'get',
  status: 200,
  async respond(c, service) {
    const found = await answer(givenBy(c, route.parameters, service.nowMs), service)
    if (typeof found === 'string') return c.body(found, 200, json)
    return Symbol.asyncIterator in found ? sendText(c, found, json) : c.json(found)
  },
})

/** A route that changes something, by a JSON body and a port that is absent where changes are not allowed. */
export const changeRoute = <B extends BodyName, A extends AnswerName, N extends 'mark' | 'maintain'>({
  answer,
  port: name,
  change,
  example,
  ...route
}: Pick<Route, 'path' | 'summary' | 'status'> & {
  readonly port: N
  /** What the port does, for messages. */
  readonly change: string
  readonly body: B
  /** How to send the body, for messages. */
  readonly example: string
  readonly schema: A
  readonly answer: (body: Body<B>, port: NonNullable<Ports[N]>, service: Service) => Answer<A>
}): Route => ({
  ...route,
  method: 'post',
  summary: `${route.summary} Only with --web.enable-lifecycle.`,
  parameters: {},
  async respond(c, service) {
    const port = service.ports[name]
    if (port === undefined) throw new Refusal(403, notEnabled(change))
    if (!/^application\/json(;|$)/i.test(c.req.header('Content-Type') ?? ''))
      throw new Refusal(415, `the body is not JSON: ${example}`)
    const { bodies } = await import('./bodies.ts')
    const body = bodies[route.body].safeParse(await jsonOf(c))
    if (!body.success) throw new Refusal(400, `the body is not as expected: ${example}`)
    return c.json(answer(body.data as Body<B>, port, service), route.status)
  },
})
