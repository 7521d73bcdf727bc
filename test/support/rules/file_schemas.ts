/**
 * The shapes of the files that ship, as far as they use them: a key that is not named here is a mistake, since most
 * of the programs drop what they do not know without a word.
 */
import type { AnySchema } from 'ajv'

const text = { type: 'string', minLength: 1 } as const
const whole = { type: 'integer' } as const
const flag = { type: 'boolean' } as const
/** As Prometheus, Alertmanager and Grafana write them. */
const duration = { type: 'string', pattern: '^([0-9]+(ms|[smhdwy]))+$' } as const
const listOf = (items: AnySchema) => ({ type: 'array', items, minItems: 1 })
const tuple = (...items: readonly AnySchema[]) => ({
  type: 'array',
  minItems: items.length,
  maxItems: items.length,
  prefixItems: items,
})
const texts = { type: 'object', additionalProperties: text, minProperties: 1 } as const

type Properties = Readonly<Record<string, AnySchema>>

/** A mapping that has all of the first and may have the second, and nothing else. */
const mapping = (required: Properties, optional: Properties = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  required: Object.keys(required),
  additionalProperties: false,
})

const targets = listOf(mapping({ targets: listOf({ type: 'string', pattern: '^[a-z]+:[0-9]+$' }) }))

export const prometheusConfig = mapping({
  global: mapping({ scrape_interval: duration, scrape_timeout: duration, evaluation_interval: duration }),
  rule_files: listOf({ type: 'string', pattern: '^[a-z_]+\\.yaml$' }),
  alerting: mapping({ alertmanagers: listOf(mapping({ static_configs: targets })) }),
  scrape_configs: listOf(mapping({ job_name: text, static_configs: targets })),
})

const annotations = mapping(
  { summary: text, description: text, runbook_url: text },
  { dashboard_url: text, culprit: text, nodes: text, windows: text, shards: text },
)
const labels = mapping({ severity: { enum: ['critical', 'warning', 'info'] } })

const alertRule = mapping({ alert: text, expr: text, labels, annotations }, { for: duration })

const groupsOf = (rule: AnySchema) =>
  mapping({ groups: listOf(mapping({ name: text, rules: listOf(rule) }, { interval: duration })) })

export const alertRuleFile = groupsOf(alertRule)
export const recordingRuleFile = groupsOf(
  mapping({ record: { type: 'string', pattern: '^\\w+:\\w+:\\w+$' }, expr: text }, { labels: texts }),
)

const matchers = listOf({ type: 'string', pattern: '^\\w+ (=|!=|=~|!~) .+$' })
const timing = { group_wait: duration, group_interval: duration, repeat_interval: duration }

export const alertmanagerConfig = mapping({
  route: mapping({
    receiver: text,
    group_by: listOf(text),
    ...timing,
    routes: listOf(mapping({ matchers, receiver: text }, timing)),
  }),
  receivers: listOf(mapping({ name: text })),
  inhibit_rules: listOf(
    mapping({ source_matchers: matchers, target_matchers: matchers, equal: listOf(text) }),
  ),
})

const timeRange = mapping({ from: { ...whole, minimum: 0 }, to: { const: 0 } })

const prometheusQuery = (refId: string) =>
  mapping({
    refId: { const: refId },
    relativeTimeRange: timeRange,
    datasourceUid: { const: 'prometheus' },
    model: mapping({
      refId: { const: refId },
      expr: text,
      instant: { const: true },
      range: { const: false },
      intervalMs: whole,
      maxDataPoints: whole,
    }),
  })

const threshold = mapping({
  refId: { const: 'B' },
  relativeTimeRange: timeRange,
  datasourceUid: { const: '__expr__' },
  model: mapping({
    refId: { const: 'B' },
    type: { const: 'threshold' },
    expression: { const: 'A' },
    conditions: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: mapping({
        evaluator: mapping({
          type: { const: 'gt' },
          params: { type: 'array', minItems: 1, items: { type: 'number' } },
        }),
      }),
    },
  }),
})

/** File provisioning, whose names differ from the HTTP API's; seconds only, and a multiple of Grafana's 10 s. */
export const grafanaAlerting = mapping({
  apiVersion: { const: 1 },
  groups: listOf(
    mapping({
      orgId: { const: 1 },
      name: text,
      folder: text,
      interval: { type: 'string', pattern: '^[1-9][0-9]*0s$' },
      rules: listOf(
        mapping({
          uid: { type: 'string', pattern: '^[a-z0-9-]{1,40}$' },
          title: text,
          condition: { const: 'B' },
          data: {
            anyOf: [
              tuple(prometheusQuery('A'), threshold),
              tuple(prometheusQuery('A'), threshold, prometheusQuery('C')),
            ],
          },
          dashboardUid: text,
          panelId: { ...whole, minimum: 1 },
          noDataState: { enum: ['OK', 'NoData', 'Alerting', 'KeepLast'] },
          execErrState: { enum: ['OK', 'Error', 'Alerting', 'KeepLast'] },
          for: duration,
          labels,
          annotations,
          isPaused: flag,
          missing_series_evals_to_resolve: { const: 1 },
        }),
      ),
    }),
  ),
})

/** A path inside a container, or a folder of ours or a volume on the left of it. */
const mount = { type: 'string', pattern: '^(\\./[\\w./-]+|[\\w-]+):/[\\w./-]+(:ro)?$' }
/** Published on this machine only. */
const port = { type: 'string', pattern: '^127\\.0\\.0\\.1:(\\d+):\\1$' }
/** Ours is built; the others are named by their version and digest, never `latest`. */
const image = {
  type: 'string',
  pattern: '^(farmprobe:local|[\\w./-]+:v?\\d+\\.\\d+\\.\\d+@sha256:[0-9a-f]{64})$',
}

const service = mapping(
  {
    image,
    restart: { const: 'unless-stopped' },
    cap_drop: { const: ['ALL'] },
    security_opt: { const: ['no-new-privileges:true'] },
    ports: listOf(port),
    volumes: listOf(mount),
  },
  {
    read_only: { const: true },
    build: { const: '.' },
    command: { anyOf: [text, listOf(text)] },
    depends_on: listOf(text),
    environment: texts,
  },
)

export const composeFile = mapping({
  name: text,
  services: mapping({ farmprobe: service, prometheus: service, alertmanager: service, grafana: service }),
  volumes: { type: 'object', additionalProperties: { type: 'null' } },
})
