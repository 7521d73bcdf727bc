/** The API as OpenAPI 3.1, made of the schemas that the tests hold the answers against. */
import { z } from 'zod'
import { eventKinds } from '../../model/event.ts'
import { maintenanceRequest } from './maintenance_api.ts'
import { markRequest } from './marks_api.ts'
import * as schemas from './schemas.ts'

const moment =
  'A duration before now (`15m`, `7d`), a time in RFC 3339, or a Unix time in seconds or milliseconds.'

const parameters = {
  since: parameter('since', moment),
  until: parameter('until', `${moment} Now unless given.`),
  farm: parameter('farm', 'Of this farm only.'),
  target: parameter('target', 'Of this node only, or of `balancer`. `node` means the same.'),
  check: parameter('check', 'Of this check only.'),
  limit: parameter('limit', 'At most so many; the newest are told.', { type: 'integer', minimum: 1 }),
  kind: parameter('kind', 'Of these kinds only; several with commas.', {
    type: 'array',
    items: { type: 'string', enum: [...eventKinds] },
  }),
  format: parameter('format', '`grafana`: as a list that Grafana takes for annotations.', {
    enum: ['grafana'],
  }),
}

function parameter(name: string, description: string, schema: object = { type: 'string' }) {
  return { name, in: 'query', description, schema, ...(name === 'kind' && { style: 'form', explode: false }) }
}

const grafana = `Notes on the timeline. For Grafana: add the Infinity data source, make an annotation query of type JSON with
the URL \`/api/v1/marks?format=grafana\`, and map \`time\`, \`title\`, \`text\` and \`tags\`; any data source that
reads annotations from a JSON list will do.`

const paths = () => ({
  '/api/v1/farms': {
    get: read('Every farm, and how things stand.', schemas.farms, []),
  },
  '/api/v1/events': {
    get: read('What happened, the oldest first.', schemas.events, [
      'since',
      'until',
      'farm',
      'target',
      'kind',
      'limit',
    ]),
  },
  '/api/v1/strips': {
    get: read(
      'How each minute went for each target; the last hour unless `since` says otherwise.',
      schemas.strips,
      ['since', 'until', 'farm', 'target'],
    ),
  },
  '/api/v1/series': {
    get: read(
      'One target and check over time: `farm` and `target` are needed; the last hour unless `since` says otherwise.',
      schemas.series,
      ['farm', 'target', 'check', 'since', 'until'],
    ),
  },
  '/api/v1/failures': {
    get: read('Failed probes with what was answered, the newest first.', schemas.failures, [
      'since',
      'until',
      'farm',
      'target',
      'check',
      'limit',
    ]),
  },
  '/api/v1/marks': {
    get: read(grafana, z.union([schemas.marks, schemas.annotations]), [
      'since',
      'until',
      'farm',
      'target',
      'format',
    ]),
    post: change('Writes a mark, now or at a time past.', markRequest, schemas.mark, '201'),
  },
  '/api/v1/maintenance': {
    post: change(
      'Declares maintenance of a farm from now on; `0s` ends it.',
      maintenanceRequest,
      schemas.maintenance,
      '200',
    ),
  },
  '/api/v1/stream': { get: stream() },
})

/** The whole document. */
export const openapi = (version: string) => ({
  openapi: '3.1.0',
  info: {
    title: 'farmprobe',
    version,
    description:
      'What farmprobe knows, as JSON. Names end with their unit: `Ms` is milliseconds, and `atMs` milliseconds since the Unix epoch. Fields may be added; none is renamed or dropped within v1.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  paths: paths(),
})

function read(summary: string, schema: z.ZodType, names: readonly (keyof typeof parameters)[]) {
  return {
    summary,
    parameters: names.map((name) => ({ ...parameters[name] })),
    responses: { '200': json('The answer.', schema), ...refused },
  }
}

function change(summary: string, request: z.ZodType, answer: z.ZodType, status: string) {
  return {
    summary: `${summary} Only with --web.enable-lifecycle.`,
    requestBody: { required: true, ...json('', request) },
    responses: { [status]: json('Done.', answer), ...refused },
  }
}

function stream() {
  return {
    summary: 'What happens, as server-sent events, at most four a second.',
    description:
      'Events `start` (read the state anew) and `batch` (what happened since the last). Send the last id seen as Last-Event-ID to be told what was missed; browsers do. A client that reads too slowly is dropped.',
    responses: {
      '200': {
        description: 'The data of an event `batch`.',
        content: { 'text/event-stream': { schema: jsonSchema(schemas.batch) } },
      },
      '503': json('Too many clients.', schemas.problem),
    },
  }
}

function json(description: string, schema: z.ZodType) {
  return {
    ...(description !== '' && { description }),
    content: { 'application/json': { schema: jsonSchema(schema) } },
  }
}

const refused = { '4XX': json('It cannot be granted.', schemas.problem) }

/** Without the mark of the dialect: OpenAPI 3.1 speaks it by itself. */
function jsonSchema(schema: z.ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}
