/** The keys of `alertmanagers` and `webhooks`. */
import { impacts } from '../../model/incident.ts'
import { occasions, webhookFormats } from '../../model/receiver.ts'
import { endpointUrl, secretUrl } from './addresses_and_urls.ts'
import { authKeys, fileName, tlsKeys } from './credential_keys.ts'
import { requestHeaders } from './http_values.ts'
import { mapping } from './mapping.ts'
import { optional, type Part, required, type Settled } from './part.ts'
import { listOf } from './patterns.ts'
import { choice, name } from './scalars.ts'

const common = {
  name: optional(
    name,
    "What metrics and the log call it; by default, the URL's host, with a number where several have the same.",
    { example: 'on-call' },
  ),
  auth: optional(authKeys, 'Credentials to send: `basic`, `bearer` or `bearer_file`.'),
  tls: optional(tlsKeys, 'TLS settings.', { default: {} }),
}

export const alertmanagerKeys = mapping({
  url: required(endpointUrl, 'Its address, with the path below which it is served, if any.', {
    example: 'http://alertmanager:9093',
  }),
  ...common,
})

/** One of some words, or a list of them. */
const choicesOf = <const T extends string>(values: readonly T[]): Part<readonly T[]> => ({
  ...listOf({
    kind: `list of ${choice(values).kind}`,
    right: `write ${values.join(' or ')}, or a list in brackets`,
    read: (raw, wrong) => values.find((each) => each === raw) ?? wrong('not one of the choices'),
  }),
  json: { anyOf: [{ enum: values }, { type: 'array', minItems: 1, items: { enum: values } }] },
})

export const webhookKeys = mapping(
  {
    url: optional(
      secretUrl,
      'Where to post to. It is treated as a secret, which those of Teams and Slack are.',
      {
        example: 'https://hooks.example.org/farmprobe',
      },
    ),
    url_file: optional(fileName, 'A file with the URL.', { as: 'urlFile', example: 'secrets/teams-url' }),
    format: optional(
      choice(webhookFormats),
      '`json`: the incident as the API has it; `teams`: an Adaptive Card, for a Workflows webhook; `slack`: blocks, for an incoming webhook.',
      { default: 'json' },
    ),
    on: optional(choicesOf(occasions), 'What to tell: that an incident begins, and that it is over.', {
      default: ['opened', 'closed'],
      example: 'closed',
    }),
    impact: optional(choicesOf(impacts), 'Of which incidents: those that users notice, and hidden ones.', {
      as: 'impacts',
      default: ['users'],
      example: ['users', 'hidden'],
    }),
    headers: optional(requestHeaders, 'Further headers to send.', {
      default: {},
    }),
    ...common,
  },
  { exclusive: [['url', 'url_file']] },
)

export type SettledWebhook = Settled<typeof webhookKeys>
