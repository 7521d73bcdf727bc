import { expect, test } from 'vitest'
import { checkKeys } from '../../src/config/schema/check_keys.ts'
import { problemsOf, withCheck } from '../support/files/config_text.ts'

const keysOfCheck = Object.keys(checkKeys.keys ?? {}).join(', ')

/** One check with these keys gives these problems. */
const table: readonly (readonly [keys: string, ...problems: string[]])[] = [
  ['intervall: 5s', 'f.yaml:6:23: farms[0].checks[0].intervall: unknown key; did you mean interval?'],
  ['frobnicate: 5s', `f.yaml:6:23: farms[0].checks[0].frobnicate: unknown key; known here: ${keysOfCheck}`],
  ['cacheBust: true', 'f.yaml:6:23: farms[0].checks[0].cacheBust: unknown key; did you mean cache_bust?'],
  [
    'interval: 5',
    'f.yaml:6:33: farms[0].checks[0].interval: not a duration: 5; write a number and a unit, such as 250ms, 5s, 30m, 29h or 7d',
  ],
  [
    'interval: 5 s',
    'f.yaml:6:33: farms[0].checks[0].interval: not a duration: "5 s"; write a number and a unit, such as 250ms, 5s, 30m, 29h or 7d',
  ],
  ['interval: 0s', 'f.yaml:6:33: farms[0].checks[0].interval: too short: "0s"; write 10ms or more'],
  ['timeout: 2h', 'f.yaml:6:32: farms[0].checks[0].timeout: too long: "2h"; write 1h or less'],
  [
    'overlap: 0',
    'f.yaml:6:32: farms[0].checks[0].overlap: out of range: 0; write a whole number from 1 to 1000',
  ],
  [
    'overlap: many',
    'f.yaml:6:32: farms[0].checks[0].overlap: not a whole number: "many"; write a whole number from 1 to 1000',
  ],
  [
    'overlap: 1.5',
    'f.yaml:6:32: farms[0].checks[0].overlap: not a whole number: 1.5; write a whole number from 1 to 1000',
  ],
  [
    'cache_bust: yes',
    'f.yaml:6:35: farms[0].checks[0].cache_bust: neither true nor false: "yes"; write true or false',
  ],
  [
    'connection: keep-alive',
    'f.yaml:6:35: farms[0].checks[0].connection: not one of the choices: "keep-alive"; write fresh or reuse',
  ],
  [
    'redirects: follow',
    'f.yaml:6:34: farms[0].checks[0].redirects: not one of the choices: "follow"; write none or pinned',
  ],
  [
    'targets: []',
    'f.yaml:6:32: farms[0].checks[0].targets: an empty list: []; write [balancer, nodes], [balancer] or [nodes]',
  ],
  [
    'targets: [balancer, servers]',
    'f.yaml:6:43: farms[0].checks[0].targets[1]: not a kind of target: "servers"; write [balancer, nodes], [balancer] or [nodes]',
  ],
  [
    'interval: 5s, cron: "0 3 * * *"',
    'f.yaml:6:43: farms[0].checks[0].cron: interval "5s" and cron "0 3 * * *" exclude each other; keep one',
  ],
  [
    'cron: "61 * * * *"',
    'f.yaml:6:29: farms[0].checks[0].cron: not a cron expression (minute: 61 is a invalid expression for minute): "61 * * * *"; write five fields: minute hour day month weekday, such as "0 */4 * * *"',
  ],
  [
    'cron: "* * *"',
    'f.yaml:6:29: farms[0].checks[0].cron: not a cron expression (expression: expected 5 or 6 fields but got 3): "* * *"; write five fields: minute hour day month weekday, such as "0 */4 * * *"',
  ],
  [
    'cron: "0 3 * * *", timezone: Europe/Londn',
    'f.yaml:6:52: farms[0].checks[0].timezone: not a time zone: "Europe/Londn"; write a name of the IANA list, such as Europe/London or UTC',
  ],
  [
    'cron: "99 3 * * *", timezone: Mars, canary: true',
    'f.yaml:6:29: farms[0].checks[0].cron: not a cron expression (minute: 99 is a invalid expression for minute): "99 3 * * *"; write five fields: minute hour day month weekday, such as "0 */4 * * *"',
    'f.yaml:6:53: farms[0].checks[0].timezone: not a time zone: "Mars"; write a name of the IANA list, such as Europe/London or UTC',
  ],
  [
    'expect: { headers: { X-A: { match: a } }, body: { matches: a } }',
    'f.yaml:6:49: farms[0].checks[0].expect.headers["X-A"]: not a text: a mapping; write the expression itself, such as Content-Type: text/html',
    'f.yaml:6:73: farms[0].checks[0].expect.body.matches: unknown key; did you mean match?',
  ],
  [
    'headers: { X-A: { match: a } }',
    'f.yaml:6:39: farms[0].checks[0].headers["X-A"]: not a text; write the value itself, such as Accept: text/html',
  ],
  [
    'timezone: UTC',
    'f.yaml:6:33: farms[0].checks[0].timezone: timezone "UTC" without cron; give a cron, or leave the time zone out',
  ],
  [
    'canary: true',
    'f.yaml:6:31: farms[0].checks[0].canary: canary with an interval of 5s; give it a cron whose gaps are longer than the idle time-out, such as "0 */4 * * *"',
  ],
  [
    'expect: { status: [599-200] }',
    'f.yaml:6:42: farms[0].checks[0].expect.status[0]: a range that ends before it begins: "599-200"; write 200-599',
  ],
  [
    'expect: { status: [99, 600, 2xx] }',
    'f.yaml:6:42: farms[0].checks[0].expect.status[0]: not a status code or range: 99; write a code or a range from 100 to 599, such as 200, 200-399 or [200-299, 401]',
    'f.yaml:6:46: farms[0].checks[0].expect.status[1]: out of range: 600; write a code or a range from 100 to 599, such as 200, 200-399 or [200-299, 401]',
    'f.yaml:6:51: farms[0].checks[0].expect.status[2]: not a status code or range: "2xx"; write a code or a range from 100 to 599, such as 200, 200-399 or [200-299, 401]',
  ],
  [
    'expect: { status: { from: 200 }, body: { max_bytes: { of: 1 } } }',
    'f.yaml:6:41: farms[0].checks[0].expect.status: not a status code or range: a mapping; write a code or a range from 100 to 599, such as 200, 200-399 or [200-299, 401]',
    'f.yaml:6:75: farms[0].checks[0].expect.body.max_bytes: not a size: a mapping; write a number of bytes, or one with a unit, such as 64KiB, 1MiB or 10MB',
  ],
  [
    'expect: { status: [[200]] }',
    'f.yaml:6:42: farms[0].checks[0].expect.status[0]: not a status code or range: a list; write a code or a range from 100 to 599, such as 200, 200-399 or [200-299, 401]',
  ],
  [
    'expect: { status: [] }',
    'f.yaml:6:41: farms[0].checks[0].expect.status: no status code: []; write a code or a range from 100 to 599, such as 200, 200-399 or [200-299, 401]',
  ],
  [
    'expect: { body: { match: ["(", "(?i)a", "a(?!b)", "(?x)a"] } }',
    'f.yaml:6:49: farms[0].checks[0].expect.body.match[0]: not a regular expression (missing closing )): "("; write an expression in the syntax of RE2',
    'f.yaml:6:63: farms[0].checks[0].expect.body.match[2]: look-ahead, (?!, which RE2 does not have: "a(?!b)"; list what must be there and what must not be there as expressions of their own',
    'f.yaml:6:73: farms[0].checks[0].expect.body.match[3]: a flag, (?x, which RE2 does not have: "(?x)a"; the flags of RE2 are i, m, s and U, such as (?i)welcome',
  ],
  [
    String.raw`expect: { body: { not_match: '\s+(?=x)' }, warming: { match: ['(?<=a)b', '(a)\1'] } }`,
    String.raw`f.yaml:6:52: farms[0].checks[0].expect.body.not_match: look-ahead, (?=, which RE2 does not have: "\\s+(?=x)"; list what must be there and what must not be there as expressions of their own`,
    'f.yaml:6:85: farms[0].checks[0].expect.warming.match[0]: look-behind, (?<=, which RE2 does not have: "(?<=a)b"; list what must be there and what must not be there as expressions of their own',
    String.raw`f.yaml:6:96: farms[0].checks[0].expect.warming.match[1]: a back reference, \1, which RE2 does not have: "(a)\\1"; write the alternatives out`,
  ],
  [
    'expect: { body: { min_bytes: 2MiB } }',
    'f.yaml:6:52: farms[0].checks[0].expect.body.min_bytes: min_bytes "2MiB" is more than max_bytes 1MiB (the default); raise max_bytes',
  ],
  [
    'expect: { body: { min_bytes: 2KiB, max_bytes: 1KiB } }',
    'f.yaml:6:52: farms[0].checks[0].expect.body.min_bytes: min_bytes "2KiB" is more than max_bytes "1KiB"; raise max_bytes',
  ],
  [
    'expect: { body: { max_bytes: 1 MB } }',
    'f.yaml:6:52: farms[0].checks[0].expect.body.max_bytes: not a size: "1 MB"; write a number of bytes, or one with a unit, such as 64KiB, 1MiB or 10MB',
  ],
  [
    'expect: { body: { contains: "" } }',
    'f.yaml:6:51: farms[0].checks[0].expect.body.contains: empty: ""; write a text, or a list of texts in brackets',
  ],
  [
    'expect: { headers: { Content-Type: "[" } }',
    'f.yaml:6:58: farms[0].checks[0].expect.headers["Content-Type"]: not a regular expression (missing closing ]): "["; write an expression in the syntax of RE2',
  ],
  [
    'expect: { contains: a }',
    'f.yaml:6:33: farms[0].checks[0].expect.contains: unknown key; known here: status, body, headers, duration, warming',
  ],
  [
    'burst: 5s',
    'f.yaml:6:30: farms[0].checks[0].burst: not a burst: "5s"; write off, or a mapping such as { interval: 250ms, for: 30s }',
  ],
  [
    'burst: { interval: 5s }',
    "f.yaml:6:42: farms[0].checks[0].burst.interval: a burst interval of 5s is no shorter than the check's interval of 5s; shorten it, or write burst: off",
  ],
  [
    'interval: 1s, burst: { interval: 2s }',
    "f.yaml:6:56: farms[0].checks[0].burst.interval: a burst interval of 2s is no shorter than the check's interval of 1s; shorten it, or write burst: off",
  ],
  [
    'burst: { interval: 1s, for: 500ms }',
    'f.yaml:6:51: farms[0].checks[0].burst.for: a burst for 500ms is shorter than its interval of 1s; lengthen it',
  ],
  [
    'burst: { every: 1s }',
    'f.yaml:6:32: farms[0].checks[0].burst.every: unknown key; known here: interval, for',
  ],
]

test.each(table)('problems of a check: %s', async (keys, ...problems) => {
  expect(await problemsOf(withCheck(keys))).toBe(problems.join('\n'))
})
