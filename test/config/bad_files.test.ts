import { expect, test } from 'vitest'
import { checkKeys, defaultsKeys } from '../../src/config/schema/check_keys.ts'
import { problemsOf } from '../support/files/config_text.ts'

const keysOfCheck = Object.keys(checkKeys.keys ?? {}).join(', ')
const keysOfDefaults = Object.keys(defaultsKeys.keys ?? {}).join(', ')

/** This file gives these problems. */
const table: readonly (readonly [text: string, ...problems: string[]])[] = [
  ['', 'f.yaml:1:1: the file is empty; write at least `farms:` with one farm'],
  ['# only a comment\n', 'f.yaml:1:1: the file is empty; write at least `farms:` with one farm'],
  ['farms: []\n', 'f.yaml:1:8: farms: an empty list: there is nothing to probe; add a farm'],
  ['farms: {}\n', 'f.yaml:1:8: farms: not a list: a mapping; write a list, each entry beginning with "- "'],
  ['farms:\n', 'f.yaml:1:7: farms: not a list: nothing; write a list, each entry beginning with "- "'],
  [
    '- a\n',
    'f.yaml:1:1: not a mapping: a list; write keys with their values, such as { farms: [{"name":"intranet","url":"https://intranet.example.org"}] }',
  ],
  [
    'hello\n',
    'f.yaml:1:1: not a mapping: a text; write keys with their values, such as { farms: [{"name":"intranet","url":"https://intranet.example.org"}] }',
  ],
  [
    'farm: []\n',
    'f.yaml:1:1: farms: missing; write a list, each entry beginning with "- "',
    'f.yaml:1:1: farm: unknown key; did you mean farms?',
  ],
  [
    'version: 2\nfarms: [{ name: a, url: "https://a.example", newKey: 1 }]\n',
    'f.yaml:1:10: version: the file is of version 2, and this farmprobe reads up to version 1; install the farmprobe it was written for, or a newer one',
  ],
  [
    'version: "1"\nfarms: [{ name: a, url: "https://a.example" }]\n',
    'f.yaml:1:10: version: not a version of this format: "1"; write version: 1, or leave it out',
  ],
  [
    'web: { listen: ":80", metrics_listen: "10.0.0.1:80", health_listen: "10.0.0.1:80" }\nfarms: [{ name: a, url: "https://a.example" }]\n',
    'f.yaml:1:39: web.metrics_listen: 10.0.0.1:80 is already used by listen; give each a port of its own',
    'f.yaml:1:69: web.health_listen: 10.0.0.1:80 is already used by listen; give each a port of its own',
  ],
  [
    'web: { health_listen: "127.0.0.1:9502" }\nfarms: [{ name: a, url: "https://a.example" }]\n',
    'f.yaml:1:23: web.health_listen: 127.0.0.1:9502 is already used by listen; give each a port of its own',
  ],
  [
    'web: { listen: 9502 }\nfarms: [{ name: a, url: "https://a.example" }]\n',
    'f.yaml:1:16: web.listen: not a text: 9502; put it in quotes',
  ],
  [
    'web: { listen: "0.0.0.0" }\njournal: { keep: 5m }\nfarms: [{ name: a, url: "https://a.example" }]\n',
    'f.yaml:1:16: web.listen: no port: "0.0.0.0"; write an address and a port, such as 0.0.0.0:9502 or "[::]:9502"',
    'f.yaml:2:18: journal.keep: too short: "5m"; write 1h or more',
  ],
  [
    'farms: [{ name: a, url: "https://a.example" }, { name: a, url: "https://b.example" }, 5]\n',
    'f.yaml:1:56: farms[1].name: a name used twice: "a"; farms[0] has it too',
    'f.yaml:1:87: farms[2]: not a mapping: a number; write keys with their values, such as { name: intranet, url: https://intranet.example.org }',
  ],
  [
    'defaults: { interval: 1s, cron: "0 3 * * *" }\nfarms: [{ name: a, url: "https://a.example" }]\n',
    'f.yaml:1:33: defaults.cron: interval "1s" and cron "0 3 * * *" exclude each other; keep one',
  ],
  [
    'defaults: { name: a }\nfarms: [{ name: a, url: "https://a.example" }]\n',
    `f.yaml:1:13: defaults.name: unknown key; known here: ${keysOfDefaults}`,
  ],
  [
    'a: 1\n---\nb: 2\n',
    'f.yaml:2:1: a second document begins here; write one document per file, without `---`',
  ],
  [
    'farms: [\n',
    'f.yaml:2:1: not YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
  ],
  ['farms:\n	- a\n', 'f.yaml:2:1: a tab indents this line; YAML needs spaces'],
  ['farms: "s3cret\n', 'f.yaml:2:1: not YAML: missing closing "quote'],
  ['farms: []\n}s3cret\n', 'f.yaml:2:1: not YAML: unexpected flow-map-end token in YAML stream'],
  [
    'cron: * * * * *\n',
    'f.yaml:1:7: a value that begins with `*` is an alias; put a cron expression in quotes: "*/5 * * * *"',
  ],
  ['farms: *nothing\n', 'f.yaml:1:8: farms: this alias has no anchor before it'],
  ['farms: !s3cret\n', 'f.yaml:1:8: a value that begins with `!` is a tag; put it in quotes'],
  ['farms: &a [*a]\n', 'f.yaml:1:1: nested more than 50 levels deep'],
  [
    '<<: a\nfarms: []\n',
    'f.yaml:1:1: ["<<"]: merge keys are not supported; put what several checks share into `defaults`',
    'f.yaml:2:8: farms: an empty list: there is nothing to probe; add a farm',
  ],
  [
    '? [a]\n: b\n',
    'f.yaml:1:1: farms: missing; write a list, each entry beginning with "- "',
    'f.yaml:1:3: a key must be a word, not a list, a mapping or an alias',
  ],
  [
    '__proto__: 1\nconstructor: 2\nfarms: [{ name: a, url: "https://a.example", checks: [{ name: a, headers: { __proto__: x, toString: z }, toString: b }] }]\n',
    'f.yaml:1:1: __proto__: unknown key; known here: version, web, journal, incidents, alertmanagers, webhooks, was, blackbox, defaults, include, farms',
    'f.yaml:2:1: constructor: unknown key; known here: version, web, journal, incidents, alertmanagers, webhooks, was, blackbox, defaults, include, farms',
    `f.yaml:3:106: farms[0].checks[0].toString: unknown key; known here: ${keysOfCheck}`,
  ],
]

test.each(table)('problems of a file: %s', async (text, ...problems) => {
  expect(await problemsOf(text)).toBe(problems.join('\n'))
})
