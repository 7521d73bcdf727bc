import { expect, test } from 'vitest'
import { problemsOf } from '../support/files/config_text.ts'

test('ten mistakes of ten kinds in one file give ten lines, each with its position', async () => {
  const text = `
web: { listen: 0.0.0.0 }
defaults:
  intervall: 5s
farms:
  - name: intranet
    url: https://intranet.example.org/app
    nodes:
      - { name: balancer, address: 10.0.0.11 }
      - { name: web02, address: 10.0.0.300 }
    checks:
      - name: home
        timeout: \${FARMPROBE_TIMEOUT}
        cron: "0 3 * * *"
        interval: 5s
        expect:
          status: [599-200]
          body: { match: "(" }
      - name: home
`
  expect(await problemsOf(text)).toMatchInlineSnapshot(`
    "f.yaml:2:16: web.listen: no port: "0.0.0.0"; write an address and a port, such as 0.0.0.0:9502 or "[::]:9502"
    f.yaml:4:3: defaults.intervall: unknown key; did you mean interval?
    f.yaml:7:10: farms[0].url: a URL with a path: "https://intranet.example.org/app"; write https://intranet.example.org here and \`path: /app\` in a check
    f.yaml:9:17: farms[0].nodes[0].name: a reserved name: "balancer"; call the node something else
    f.yaml:10:33: farms[0].nodes[1].address: not an address: "10.0.0.300"; write an IP address or a host name, with or without a port: 10.0.0.11, web01:8080 or "[::1]:8080"
    f.yaml:13:18: farms[0].checks[0].timeout: the environment variable FARMPROBE_TIMEOUT is not set; set it, or write \${FARMPROBE_TIMEOUT:-default}
    f.yaml:14:15: farms[0].checks[0].cron: interval "5s" and cron "0 3 * * *" exclude each other; keep one
    f.yaml:17:20: farms[0].checks[0].expect.status[0]: a range that ends before it begins: "599-200"; write 200-599
    f.yaml:18:26: farms[0].checks[0].expect.body.match: not a regular expression (missing closing )): "("; write an expression in the syntax of RE2
    f.yaml:19:15: farms[0].checks[1].name: a name used twice: "home"; farms[0].checks[0] has it too"
  `)
})

test('a mistake in the defaults is reported once, however many checks have it', async () => {
  const text = `
defaults: { method: HEAD, expect: { body: { min_bytes: 1 } } }
farms:
  - { name: a, url: "https://a.example" }
  - { name: b, url: "https://b.example", checks: [{ name: x }, { name: y }] }
`
  expect(await problemsOf(text)).toBe(
    'f.yaml:2:56: defaults.expect.body.min_bytes: min_bytes with method HEAD, whose answers have no body; ' +
      'write method: GET, or leave it out',
  )
})

test('settings of a check and of the defaults that conflict are reported at the one in the check', async () => {
  const text = `
defaults: { burst: { interval: 1s }, expect: { body: { min_bytes: 5 } } }
farms:
  - name: a
    url: https://a.example
    checks: [{ name: x }, { name: y, interval: 500ms, method: HEAD }]
`
  expect(await problemsOf(text)).toBe(
    "f.yaml:6:48: farms[0].checks[1].interval: a burst interval of 1s is no shorter than the check's interval of " +
      '500ms; shorten it, or write burst: off\n' +
      'f.yaml:6:63: farms[0].checks[1].method: min_bytes with method HEAD, whose answers have no body; write ' +
      'method: GET, or leave it out',
  )
})

test('a wrong address hides neither a name given twice nor a reserved one', async () => {
  const text = `
farms:
  - name: a
    url: https://a.example
    nodes:
      - { name: web01, address: 10.0.0.11 }
      - { name: web01, address: 10.0.0.300 }
      - { name: balancer, adress: 10.0.0.13 }
`
  const wanted =
    'write an IP address or a host name, with or without a port: 10.0.0.11, web01:8080 or "[::1]:8080"'
  expect(await problemsOf(text)).toBe(
    [
      'f.yaml:7:17: farms[0].nodes[1].name: a name used twice: "web01"; farms[0].nodes[0] has it too',
      `f.yaml:7:33: farms[0].nodes[1].address: not an address: "10.0.0.300"; ${wanted}`,
      `f.yaml:8:9: farms[0].nodes[2].address: missing; ${wanted}`,
      'f.yaml:8:17: farms[0].nodes[2].name: a reserved name: "balancer"; call the node something else',
      'f.yaml:8:27: farms[0].nodes[2].adress: unknown key; did you mean address?',
    ].join('\n'),
  )
})
