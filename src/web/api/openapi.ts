/** The API as OpenAPI 3.1, made from its routes and their schemas. Loaded when it is asked for: schemas cost memory. */
import { z } from 'zod'
import { bodies } from './bodies.ts'
import type { Parameter } from './parameters.ts'
import type { Route } from './route.ts'
import { answers, problem } from './schemas.ts'

export function openapi(routes: readonly Route[], version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'farmprobe',
      version,
      description:
        'What farmprobe knows, as JSON. Names end with their unit: `Ms` is milliseconds, and `atMs` milliseconds since the Unix epoch. Fields may be added; none is renamed or dropped within v1.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths: pathsOf(routes),
  }
}

function pathsOf(routes: readonly Route[]) {
  const byPath = [...Map.groupBy(routes, ({ path }) => path)]
  return Object.fromEntries(
    byPath.map(([path, group]) => [
      path.replaceAll(/:(\w+)/g, '{$1}'),
      Object.fromEntries(group.map((route) => [route.method, operation(route)])),
    ]),
  )
}

function operation({
  method,
  summary,
  description,
  parameters,
  body,
  bodyType,
  status,
  schema,
  isStream,
}: Route) {
  const said = method === 'post' ? 'Done.' : 'The answer.'
  const refused = content('application/json', problem)
  return {
    summary,
    ...(description !== undefined && { description }),
    parameters: Object.entries(parameters).map(parameter),
    ...(bodyType !== undefined && { requestBody: { required: true, content: { [bodyType]: {} } } }),
    ...(body && { requestBody: { required: true, ...content('application/json', bodies[body]) } }),
    responses: {
      [status]: isStream
        ? { description: 'The data of an event `batch`.', ...content('text/event-stream', answers[schema]) }
        : { description: said, ...content('application/json', answers[schema]) },
      '4XX': { description: 'It cannot be granted.', ...refused },
      ...(isStream && { '503': { description: 'Too many clients.', ...refused } }),
    },
  }
}

const parameter = ([name, { description, schema, inPath, isList }]: [string, Parameter<unknown>]) => ({
  name,
  in: inPath ? 'path' : 'query',
  ...(inPath && { required: true }),
  description,
  schema,
  ...(isList && { style: 'form', explode: false }),
})

/** Without the dialect: OpenAPI 3.1 implies it. */
function content(type: string, schema: z.ZodType) {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return { content: { [type]: { schema: rest } } }
}
