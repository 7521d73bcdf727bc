import { describe, expect, test } from 'vitest'
import { configOf, problemsOf } from '../support/files/config_text.ts'

const farm = 'farms: [{ name: intranet, url: "https://a.example" }]\n'
const tls = { insecure: false, minVersion: 'TLSv1.2' }

test('an Alertmanager needs a URL and nothing else; it may be served below a path', async () => {
  const text = `${farm}alertmanagers:
  - url: http://alertmanager:9093
  - { url: "https://b.example/alertmanager/", auth: { bearer: t0ken }, name: b }`
  const { receivers } = await configOf(text)
  expect(receivers).toEqual([
    {
      kind: 'alertmanager',
      name: 'alertmanager:9093',
      url: 'http://alertmanager:9093/api/v2/alerts',
      headers: [],
      tls,
    },
    {
      kind: 'alertmanager',
      name: 'b',
      url: 'https://b.example/alertmanager/api/v2/alerts',
      authorization: 'Bearer t0ken',
      headers: [],
      tls,
    },
  ])
})

test('a webhook is told of incidents that users notice, when they begin and when they are over, unless it says otherwise', async () => {
  const files = { '/etc/farmprobe/slack-url': 'https://hooks.slack.example/services/T0/B0/s3cret\n' }
  const text = `${farm}webhooks:
  - url: https://hooks.example.org/a
  - { url_file: slack-url, format: slack, on: closed, impact: [users, hidden], headers: { X-Team: web } }
  - { url: https://hooks.example.org/b }`
  const { receivers } = await configOf(text, { files })
  const plain = {
    kind: 'webhook',
    format: 'json',
    on: ['opened', 'closed'],
    impacts: ['users'],
    headers: [],
    tls,
  }
  expect(receivers).toEqual([
    { ...plain, name: 'hooks.example.org', url: 'https://hooks.example.org/a' },
    {
      ...plain,
      name: 'hooks.slack.example',
      url: 'https://hooks.slack.example/services/T0/B0/s3cret',
      format: 'slack',
      on: ['closed'],
      impacts: ['users', 'hidden'],
      headers: [['X-Team', 'web']],
    },
    { ...plain, name: 'hooks.example.org (2)', url: 'https://hooks.example.org/b' },
  ])
})

test('the URL of a webhook, its secret headers and credentials are shown nowhere', async () => {
  const text = `${farm}webhooks:
  - { url: "https://hooks.example.org/s3cret-path", headers: { X-Api-Key: s3cret-header }, auth: { bearer: s3cret-token } }`
  const { redacted } = await configOf(text)
  expect(redacted).toContain('webhooks:')
  expect(redacted).not.toContain('s3cret')
})

describe('a receiver that is wrong', () => {
  test.each([
    [
      'alertmanagers: [{ name: a }]',
      'f.yaml:2:17: alertmanagers[0].url: missing; write a URL, such as http://alertmanager:9093',
    ],
    [
      'alertmanagers: [{ url: "ftp://a.example" }]',
      'f.yaml:2:24: alertmanagers[0].url: not an http or https URL: "ftp://a.example"; write a URL, such as http://alertmanager:9093',
    ],
    [
      'webhooks: [{ url: "https://me:s3cret@hooks.example.org/" }]',
      'f.yaml:2:19: webhooks[0].url: a URL with credentials, which belong into `auth`; write a URL, such as https://hooks.example.org/farmprobe',
    ],
    ['webhooks: [{ format: teams }]', 'f.yaml:2:12: webhooks[0]: no URL; write url or url_file'],
    [
      'webhooks: [{ url: "s3cret" }]',
      'f.yaml:2:19: webhooks[0].url: not an http or https URL; write a URL, such as https://hooks.example.org/farmprobe',
    ],
    [
      'webhooks: [{ url: "https://a.example/x", format: discord }]',
      'f.yaml:2:50: webhooks[0].format: not one of the choices: "discord"; write json or teams or slack',
    ],
    [
      'webhooks: [{ url: "https://a.example/x", on: [] }]',
      'f.yaml:2:46: webhooks[0].on: an empty list: nothing would be sent',
    ],
    [
      'webhooks: [{ url_file: empty }]',
      'f.yaml:2:24: webhooks[0].url_file: "empty" is empty; put the value into it',
    ],
    [
      'webhooks: [{ url_file: "https://hooks.example.org/secret" }]',
      'f.yaml:2:24: webhooks[0].url_file: a URL, not the name of a file; write the name of a file; a relative one starts at the configuration file',
    ],
    [
      'webhooks: [{ url_file: bad }]',
      'f.yaml:2:24: webhooks[0].url_file: in the file: not an http or https URL; write a URL such as https://hooks.example.org/farmprobe',
    ],
    [
      'webhooks: [{ url: "http://a.example/x", tls: { insecure: true } }]',
      'f.yaml:2:46: webhooks[0].tls: tls settings with an http URL; write https, or leave them out',
    ],
    [
      'alertmanagers: [{ url: "http://a", name: x }]\nwebhooks: [{ url: "http://b", name: x }]',
      'f.yaml:3:37: webhooks[0].name: a name used twice: "x"; alertmanagers[0] has it too',
    ],
  ])('%s', async (text, problem) => {
    const files = { '/etc/farmprobe/empty': '\n', '/etc/farmprobe/bad': 's3cret' }
    expect(await problemsOf(`${farm}${text}`, { files })).toBe(problem)
  })
})
