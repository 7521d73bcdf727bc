/** A route of the API: declared once, and both the routing and the OpenAPI document follow from it. */
import type { Context } from 'hono'
import type { z } from 'zod'
import type { Ports } from '../web_ports.ts'
import { type Given, givenBy, type Parameters } from './parameters.ts'
import { notEnabled, Refusal } from './refusal.ts'
import type { Answer, AnswerName } from './schemas.ts'

/** What a handler answers from. */
export interface Service {
  readonly ports: Ports
  readonly version: string
  /** Wall milliseconds. */
  readonly nowMs: number
}

export interface Route {
  readonly method: 'get' | 'post'
  readonly path: string
  readonly summary: string
  readonly description?: string
  readonly parameters: Parameters
  /** The JSON that a request sends. */
  readonly body?: z.ZodType
  readonly answer: {
    readonly status: 200 | 201
    readonly description: string
    readonly contentType: 'application/json' | 'text/event-stream'
    /** By name: the schemas are loaded when the document is asked for. */
    readonly schema: AnswerName
  }
  respond(c: Context, service: Service): Response | Promise<Response>
}

/** A route that reads: `answer` gets the parameters it declares, and its result has the type of the schema. */
export const readRoute = <P extends Parameters, A extends AnswerName>(route: {
  readonly path: string
  readonly summary: string
  readonly parameters: P
  readonly schema: A
  readonly answer: (given: Given<P>, service: Service) => Answer<A> | Promise<Answer<A>>
}): Route => ({
  method: 'get',
  path: route.path,
  summary: route.summary,
  parameters: route.parameters,
  answer: { status: 200, description: 'The answer.', contentType: 'application/json', schema: route.schema },
  respond: async (c, service) =>
    c.json(await route.answer(givenBy(c, route.parameters, service.nowMs), service)),
})

/** A route that changes something, by a JSON body and a port that is absent where changes are not allowed. */
export const changeRoute = <B extends z.ZodType, A extends AnswerName, N extends 'mark' | 'maintain'>(route: {
  readonly path: string
  readonly summary: string
  readonly port: N
  /** What the port does, for messages. */
  readonly change: string
  readonly body: B
  /** How to send the body, for messages. */
  readonly example: string
  readonly status: 200 | 201
  readonly schema: A
  readonly answer: (body: z.infer<B>, port: NonNullable<Ports[N]>, service: Service) => Answer<A>
}): Route => ({
  method: 'post',
  path: route.path,
  summary: `${route.summary} Only with --web.enable-lifecycle.`,
  parameters: {},
  body: route.body,
  answer: {
    status: route.status,
    description: 'Done.',
    contentType: 'application/json',
    schema: route.schema,
  },
  async respond(c, service) {
    const port = service.ports[route.port]
    if (port === undefined) throw new Refusal(403, notEnabled(route.change))
    if (!/^application\/json(;|$)/i.test(c.req.header('Content-Type') ?? ''))
      throw new Refusal(415, `the body is not JSON: ${route.example}`)
    const body = route.body.safeParse(await c.req.json().catch(() => undefined))
    if (!body.success) throw new Refusal(400, `the body is not as expected: ${route.example}`)
    return c.json(route.answer(body.data, port, service), route.status)
  },
})
