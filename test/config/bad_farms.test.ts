import { expect, test } from 'vitest'
import { problemsOf } from '../support/files/config_text.ts'

/** One farm with a name and these keys gives these problems. */
const table: readonly (readonly [keys: string, ...problems: string[]])[] = [
  [
    'url: intranet.example.org',
    'f.yaml:2:28: farms[0].url: not an http or https URL: "intranet.example.org"; write the URL users open, such as https://intranet.example.org',
  ],
  [
    'url: ftp://intranet.example.org',
    'f.yaml:2:28: farms[0].url: not an http or https URL: "ftp://intranet.example.org"; write the URL users open, such as https://intranet.example.org',
  ],
  [
    'url: https://joe:s3cret@intranet.example.org',
    'f.yaml:2:28: farms[0].url: a URL with credentials: "https://<secret>@intranet.example.org"; move them to the checks\' `auth: { basic: … }`',
  ],
  [
    'url: https://intranet.example.org/app',
    'f.yaml:2:28: farms[0].url: a URL with a path: "https://intranet.example.org/app"; write https://intranet.example.org here and `path: /app` in a check',
  ],
  [
    'url: https://intranet.example.org/?token=s3cret',
    'f.yaml:2:28: farms[0].url: a URL with a query or a fragment: "https://intranet.example.org/?token=<secret>"; move the query to a check\'s `path`',
  ],
  [
    'url: "https://intranet.example.org:99999"',
    'f.yaml:2:28: farms[0].url: not an http or https URL: "https://intranet.example.org:99999"; write the URL users open, such as https://intranet.example.org',
  ],
  [
    'url: https://a.example, address: https://10.0.0.5',
    'f.yaml:2:56: farms[0].address: a URL: "https://10.0.0.5"; write an IP address or a host name, with or without a port: 10.0.0.11, web01:8080 or "[::1]:8080"',
  ],
  [
    'url: http://a, address: joe:s3cret@a',
    'f.yaml:2:47: farms[0].address: not an address: "<secret>@a"; write an IP address or a host name, with or without a port: 10.0.0.11, web01:8080 or "[::1]:8080"',
  ],
  [
    'url: joe:s3cret@a',
    'f.yaml:2:28: farms[0].url: not an http or https URL: "<secret>@a"; write the URL users open, such as https://intranet.example.org',
  ],
  [
    'url: http://a, nodes: [{ name: several, address: 10.0.0.1 }]',
    'f.yaml:2:54: farms[0].nodes[0].name: a reserved name: "several"; call the node something else',
  ],
  [
    'url: https://a.example, address: 10.0.0.300',
    'f.yaml:2:56: farms[0].address: not an address: "10.0.0.300"; write an IP address or a host name, with or without a port: 10.0.0.11, web01:8080 or "[::1]:8080"',
  ],
  [
    'url: https://a.example, address: "10.0.0.5:0"',
    'f.yaml:2:56: farms[0].address: a port that is not from 1 to 65535: "10.0.0.5:0"; write an IP address or a host name, with or without a port: 10.0.0.11, web01:8080 or "[::1]:8080"',
  ],
  [
    'url: https://a.example, address: "10.0.0.5:"',
    'f.yaml:2:56: farms[0].address: a port that is not from 1 to 65535: "10.0.0.5:"; write an IP address or a host name, with or without a port: 10.0.0.11, web01:8080 or "[::1]:8080"',
  ],
  [
    'url: https://a.example, address: "[::1"',
    'f.yaml:2:56: farms[0].address: not an address: "[::1"; write an IP address or a host name, with or without a port: 10.0.0.11, web01:8080 or "[::1]:8080"',
  ],
  ['url: https://a.example, address: 5', 'f.yaml:2:56: farms[0].address: not a text: 5; put it in quotes'],
  [
    'url: https://a.example, nodes: [{ name: balancer, address: a }]',
    'f.yaml:2:63: farms[0].nodes[0].name: a reserved name: "balancer"; call the node something else',
  ],
  [
    'url: https://a.example, nodes: [{ name: a, address: a }, { name: a, address: b }]',
    'f.yaml:2:88: farms[0].nodes[1].name: a name used twice: "a"; farms[0].nodes[0] has it too',
  ],
  [
    'url: https://a.example, nodes: [{ name: "a\\tb", address: a }, { name: " a", address: b }, { name: x234567890123456789012345678901234567890123456789012345678901234y, address: c }]',
    'f.yaml:2:63: farms[0].nodes[0].name: a name with a control character or a mark of text direction: "a\\tb"; write 1 to 64 printable characters',
    'f.yaml:2:93: farms[0].nodes[1].name: a name that is empty or has blanks around it: " a"; write 1 to 64 printable characters',
    'f.yaml:2:121: farms[0].nodes[2].name: a name of 65 characters: "x23456789012345678901234567890123456789012345678901234567890…"; write 1 to 64 printable characters',
  ],
  [
    'url: https://a.example, nodes: [a]',
    'f.yaml:2:55: farms[0].nodes[0]: not a mapping: a text; write keys with their values, such as { address: 10.0.0.11:8080 }',
  ],
  [
    'url: https://a.example, nodes: a',
    'f.yaml:2:54: farms[0].nodes: not a list: a text; write a list, each entry beginning with "- "',
  ],
  [
    'url: https://a.example, nodes: [{ name: a }]',
    'f.yaml:2:55: farms[0].nodes[0].address: missing; write an IP address or a host name, with or without a port: 10.0.0.11, web01:8080 or "[::1]:8080"',
  ],
  [
    'url: https://a.example, nodes: [{ name: 5, address: a, scheme: ftp, port: 80 }]',
    'f.yaml:2:63: farms[0].nodes[0].name: not a text: 5; put it in quotes',
    'f.yaml:2:86: farms[0].nodes[0].scheme: not one of the choices: "ftp"; write http or https',
    'f.yaml:2:91: farms[0].nodes[0].port: unknown key; known here: name, address, scheme, crosscheck',
  ],
  [
    'url: https://a.example, discover: { iis: { path: applicationHost.config, Farm: a } }',
    'f.yaml:2:64: farms[0].discover.iis.farm: missing; write the name of a web farm',
    'f.yaml:2:96: farms[0].discover.iis.Farm: unknown key; did you mean farm?',
  ],
  [
    'url: https://a.example, discover: { max_nodes: 5 }',
    'f.yaml:2:57: farms[0].discover: empty; write dns, file or iis, or leave it out',
  ],
  [
    'url: https://a.example, discover: {}',
    'f.yaml:2:57: farms[0].discover: empty; write dns, file or iis, or leave it out',
  ],
  [
    'url: https://a.example, discover: { dns: { name: 10.0.0.1, refresh: 5ms, family: 5 } }',
    'f.yaml:2:72: farms[0].discover.dns.name: not a host name: "10.0.0.1"; write a host name without a port, such as nodes.example.org',
    'f.yaml:2:91: farms[0].discover.dns.refresh: too short: "5ms"; write 1s or more',
    'f.yaml:2:104: farms[0].discover.dns.family: not an address family: 5; write 4, 6 or both',
  ],
  [
    'url: https://a.example, discover: { file: {} }',
    'f.yaml:2:65: farms[0].discover.file.path: missing; write a file name or a glob pattern, such as nodes/*.yaml',
  ],
  [
    'url: https://a.example, discover: { file: { path: "" } }',
    'f.yaml:2:73: farms[0].discover.file.path: empty: ""; write a file name or a glob pattern, such as nodes/*.yaml',
  ],
  [
    'url: https://a.example, identity: {}',
    'f.yaml:2:57: farms[0].identity: empty; write header, cookie_name, json or body, or leave it out',
  ],
  [
    'url: https://a.example, identity: { header: A, json: /a }',
    'f.yaml:2:76: farms[0].identity.json: header "A" and json "/a" exclude each other; keep one',
  ],
  [
    'url: https://a.example, identity: { json: a }',
    'f.yaml:2:65: farms[0].identity.json: not a JSON pointer: "a"; write a pointer into the JSON body, such as /process/startedAt',
  ],
  [
    'url: https://a.example, identity: { body: "pid=(?=1)" }',
    'f.yaml:2:65: farms[0].identity.body: look-ahead, (?=, which RE2 does not have: "pid=(?=1)"; list what must be there and what must not be there as expressions of their own',
  ],
  [
    'url: https://a.example, identity: { header: "a b" }',
    'f.yaml:2:67: farms[0].identity.header: not a header name: "a b"; write the name of a header, such as X-Worker',
  ],
  [
    'url: https://a.example, served_by: { cookie: a, header: b }',
    'f.yaml:2:68: farms[0].served_by.cookie: header "b" and cookie "a" exclude each other; keep one',
  ],
  [
    'url: https://a.example, maintenance: [{ cron: "0 0 3 * * 0", for: 1h }]',
    'f.yaml:2:69: farms[0].maintenance[0].cron: a cron expression with seconds: "0 0 3 * * 0"; write five fields: minute hour day month weekday, such as "0 */4 * * *"',
  ],
  [
    'url: https://a.example, maintenance: [{ cron: "0 3 * * 0" }]',
    'f.yaml:2:61: farms[0].maintenance[0].for: missing; write a number and a unit, such as 250ms, 5s, 30m, 29h or 7d',
  ],
  [
    'url: https://a.example, maintenance: [{ cron: "0 3 * * 9", timezone: Mars, for: 1s }]',
    'f.yaml:2:69: farms[0].maintenance[0].cron: not a cron expression (dayOfWeek: 9 is a invalid expression for week day): "0 3 * * 9"; write five fields: minute hour day month weekday, such as "0 */4 * * *"',
    'f.yaml:2:92: farms[0].maintenance[0].timezone: not a time zone: "Mars"; write a name of the IANA list, such as Europe/London or UTC',
    'f.yaml:2:103: farms[0].maintenance[0].for: too short: "1s"; write 1m or more',
  ],
  [
    'url: https://a.example, checks: []',
    'f.yaml:2:55: farms[0].checks: an empty list; write a check, or leave the key out to probe /',
  ],
  [
    'url: https://a.example, checks: [{ path: / }]',
    'f.yaml:2:56: farms[0].checks[0].name: missing; write 1 to 64 printable characters',
  ],
  [
    'url: https://a.example, checks: [{ name: a }, { name: a }]',
    'f.yaml:2:77: farms[0].checks[1].name: a name used twice: "a"; farms[0].checks[0] has it too',
  ],
  [
    'url: http://a.example, checks: [{ name: a, tls: { insecure: true } }]',
    'f.yaml:2:71: farms[0].checks[0].tls: tls settings on a farm that uses http only; give it an https url or node, or leave them out',
  ],
  [
    'url: https://a.example, url: https://b.example',
    'f.yaml:2:47: farms[0].url: this key is given twice; keep one',
  ],
  [
    'url: https://a.example, nodes: [{ name: "web\u202e01", address: a }], crosscheck: { pool: ["a", "b\u009b"] }',
    'f.yaml:2:63: farms[0].nodes[0].name: a name with a control character or a mark of text direction: "web\u202e01"; write 1 to 64 printable characters',
    'f.yaml:2:114: farms[0].crosscheck.pool[1]: a text with a control character or a mark of text direction: "b\u009b"; write a text, or a list of texts in brackets',
  ],
  [
    'nodes: []',
    'f.yaml:2:5: farms[0].url: missing; write the URL users open, such as https://intranet.example.org',
  ],
]

test.each(table)('problems of a farm: %s', async (keys, ...problems) => {
  expect(await problemsOf(`farms:\n  - { name: intranet, ${keys} }\n`)).toBe(problems.join('\n'))
})
