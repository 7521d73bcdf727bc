import { expect, test } from 'vitest'
import { problemsOf, withCheck } from '../support/files/config_text.ts'

/** One check with these keys gives these problems. */
const table: readonly (readonly [keys: string, ...problems: string[]])[] = [
  [
    'path: login',
    'f.yaml:6:29: farms[0].checks[0].path: not a path: "login"; write a path that begins with `/`, such as /health?full=1',
  ],
  [
    'path: "/a b"',
    'f.yaml:6:29: farms[0].checks[0].path: a path with characters that must be escaped: "/a b"; write them as %20 and the like',
  ],
  [
    'path: "/a#b"',
    'f.yaml:6:29: farms[0].checks[0].path: a path with a fragment: "/a#b"; leave out what follows the `#`: no server sees it',
  ],
  [
    'method: get',
    'f.yaml:6:31: farms[0].checks[0].method: not a method: "get"; write a method in capitals, such as GET, HEAD or POST',
  ],
  [
    'method: CONNECT',
    'f.yaml:6:31: farms[0].checks[0].method: a method for proxies: "CONNECT"; write a method in capitals, such as GET, HEAD or POST',
  ],
  [
    'headers: { Host: example.org }',
    "f.yaml:6:40: farms[0].checks[0].headers.Host: a header that farmprobe sets itself; leave it out: the Host comes from the farm's `url`",
  ],
  [
    'headers: { content-length: "5" }',
    'f.yaml:6:50: farms[0].checks[0].headers["content-length"]: a header that farmprobe sets itself; leave it out: it follows from the body',
  ],
  [
    'headers: { Connection: close }',
    'f.yaml:6:46: farms[0].checks[0].headers.Connection: a header that farmprobe sets itself; leave it out, and choose with `connection: fresh` or `connection: reuse`',
  ],
  [
    'headers: { "Authorization: Bearer secret": b }',
    'f.yaml:6:66: farms[0].checks[0].headers["Authorization: …"]: not a header name; write letters, digits and hyphens only, such as X-Trace',
  ],
  [
    'tls: { ca_file: "-----BEGIN PRIVATE KEY-----\\nsecret" }',
    'f.yaml:6:39: farms[0].checks[0].tls.ca_file: what a file should hold, not the name of a file; write the name of a file; a relative one starts at the configuration file',
  ],
  [
    'expect: { body: { contains: Errors, not_contains: [Fault, Error] } }',
    'f.yaml:6:73: farms[0].checks[0].expect.body.not_contains: not_contains has what a text of contains holds, so that no body is right; leave one of them out',
  ],
  [
    'headers: { "X A": b }',
    'f.yaml:6:41: farms[0].checks[0].headers["X A"]: not a header name; write letters, digits and hyphens only, such as X-Trace',
  ],
  [
    'headers: { X-A: "a\\r\\nX-B: c" }',
    'f.yaml:6:39: farms[0].checks[0].headers["X-A"]: a header value with line breaks or characters beyond Latin-1; write one line of plain text',
  ],
  [
    'headers: { X-A: b, x-a: c }',
    'f.yaml:6:47: farms[0].checks[0].headers["x-a"]: a header given twice (case does not matter); keep one',
  ],
  ['headers: { X-A: 1.10 }', 'f.yaml:6:39: farms[0].checks[0].headers["X-A"]: not a text; put it in quotes'],
  [
    'headers: [X-A]',
    'f.yaml:6:32: farms[0].checks[0].headers: not a mapping; write a mapping of header names and texts, such as { Accept: text/html }',
  ],
  [
    'headers: { Authorization: s3cret }, auth: { bearer: s3cret }',
    'f.yaml:6:49: farms[0].checks[0].headers.Authorization: an Authorization header beside `auth`; keep one of them',
  ],
  [
    'timeout: 2s, expect: { duration: 2s }',
    'f.yaml:6:56: farms[0].checks[0].expect.duration: an expected duration of 2s is no shorter than the timeout of 2s, which ends every probe; shorten it, or leave it out',
  ],
  [
    'expect: { duration: 1m }',
    'f.yaml:6:43: farms[0].checks[0].expect.duration: an expected duration of 1m is no shorter than the timeout of 30s, which ends every probe; shorten it, or leave it out',
  ],
  [
    'auth: s3cret',
    'f.yaml:6:29: farms[0].checks[0].auth: not a mapping: a text; write keys with their values, such as { bearer: ${PROBE_TOKEN} }',
  ],
  [
    'auth: {}',
    'f.yaml:6:29: farms[0].checks[0].auth: empty; write basic, bearer, bearer_file, ntlm or negotiate',
  ],
  [
    'auth: { basic: { username: u } }',
    'f.yaml:6:38: farms[0].checks[0].auth.basic: no password; write password or password_file',
  ],
  [
    'auth: { basic: { password: s3cret } }',
    'f.yaml:6:38: farms[0].checks[0].auth.basic.username: missing; write the user name',
  ],
  [
    'auth: { basic: { username: "u:v", password: s3cret } }',
    'f.yaml:6:50: farms[0].checks[0].auth.basic.username: a user name with a colon, where the password would begin; it cannot be sent',
  ],
  [
    'auth: { basic: { username: u, password: s3cret, password_file: p } }',
    'f.yaml:6:86: farms[0].checks[0].auth.basic.password_file: password and password_file exclude each other; keep one',
  ],
  [
    'auth: { basic: { username: u, password: 12345 } }',
    'f.yaml:6:63: farms[0].checks[0].auth.basic.password: not a text; put it in quotes',
  ],
  [
    'auth: { bearer: "" }',
    'f.yaml:6:39: farms[0].checks[0].auth.bearer: empty; put the secret in quotes, or its file beside it',
  ],
  [
    'auth: { bearer: "s3 cret" }',
    'f.yaml:6:39: farms[0].checks[0].auth.bearer: a token with blanks or line breaks; write it as one word',
  ],
  [
    'auth: { bearer: s3cret, basic: { username: u, password: s3cret } }',
    'f.yaml:6:54: farms[0].checks[0].auth.basic: bearer and basic exclude each other; keep one',
  ],
  [
    'auth: { bearer_file: token }',
    'f.yaml:6:44: farms[0].checks[0].auth.bearer_file: "token" cannot be read: no such file; relative names start at /etc/farmprobe',
  ],
  [
    'auth: { bearer_file: empty }',
    'f.yaml:6:44: farms[0].checks[0].auth.bearer_file: "empty" is empty; put the value into it',
  ],
  [
    "auth: { ntlm: { user: 'DOM\\probe' } }",
    'f.yaml:6:37: farms[0].checks[0].auth.ntlm: no password; write password or password_file',
  ],
  [
    "auth: { ntlm: { user: 'DOM\\', password: s3cret } }",
    'f.yaml:6:45: farms[0].checks[0].auth.ntlm.user: "DOM\\\\" is no user; write DOM\\name, or name@example.org',
  ],
  [
    `auth: { ntlm: { user: ${'u'.repeat(1025)}, password: s3cret } }`,
    `f.yaml:6:45: farms[0].checks[0].auth.ntlm.user: "${'u'.repeat(60)}…" is no user; write DOM\\name, or name@example.org`,
  ],
  [
    "auth: { ntlm: { user: 'DOM\\probe', password: s3cret }, bearer: s3cret }",
    'f.yaml:6:37: farms[0].checks[0].auth.ntlm: bearer and ntlm exclude each other; keep one',
  ],
  [
    'auth: { negotiate: { principal: probe@EXAMPLE.ORG } }',
    'f.yaml:6:42: farms[0].checks[0].auth.negotiate.keytab_file: missing; write the name of a file; a relative one starts at the configuration file',
  ],
  [
    'body: a, body_file: b',
    'f.yaml:6:43: farms[0].checks[0].body_file: body and body_file exclude each other; keep one',
  ],
  [
    'body_file: nothing',
    'f.yaml:6:34: farms[0].checks[0].body_file: "nothing" cannot be read: no such file; relative names start at /etc/farmprobe',
  ],
  [
    'method: HEAD, expect: { body: { contains: a, min_bytes: 1 }, warming: { contains: b } }',
    'f.yaml:6:65: farms[0].checks[0].expect.body.contains: contains with method HEAD, whose answers have no body; write method: GET, or leave it out',
    'f.yaml:6:79: farms[0].checks[0].expect.body.min_bytes: min_bytes with method HEAD, whose answers have no body; write method: GET, or leave it out',
    'f.yaml:6:93: farms[0].checks[0].expect.warming: warming with method HEAD, whose answers have no body; write method: GET, or leave it out',
  ],
  [
    'tls: { min_version: "1.2" }',
    'f.yaml:6:43: farms[0].checks[0].tls.min_version: not one of the choices: "1.2"; write TLSv1 or TLSv1.1 or TLSv1.2 or TLSv1.3',
  ],
  [
    'tls: { cert_file: cert.pem }',
    'f.yaml:6:28: farms[0].checks[0].tls: cert without key; give both, or neither',
    'f.yaml:6:28: farms[0].checks[0].tls: cert is not a certificate; give it in PEM form',
  ],
  ['tls: { key: s3cret }', 'f.yaml:6:28: farms[0].checks[0].tls: key without cert; give both, or neither'],
  [
    'tls: { ca: nonsense }',
    'f.yaml:6:28: farms[0].checks[0].tls: ca is not a certificate; give one or more in PEM form',
  ],
  [
    'tls: { cert: nonsense, key: s3cret }',
    'f.yaml:6:28: farms[0].checks[0].tls: cert is not a certificate; give it in PEM form',
  ],
  ['timeout: ${UNSET}', 'f.yaml:6:33: a reference inside {} or [] needs quotes: "${NAME}"'],
  [
    'path: "${TAINTED}"',
    'f.yaml:6:29: farms[0].checks[0].path: not a path: ${TAINTED}; write a path that begins with `/`, such as /health?full=1',
  ],
  [
    'headers: { X-Key: "${TAINTED}\\u0007" }',
    'f.yaml:6:41: farms[0].checks[0].headers["X-Key"]: a header value with line breaks or characters beyond Latin-1; write one line of plain text',
  ],
  [
    'tls: s3cret',
    'f.yaml:6:28: farms[0].checks[0].tls: not a mapping: a text; write keys with their values, such as { ca_file: tls/ca.pem }',
  ],
  [
    'path: "${"',
    'f.yaml:6:29: farms[0].checks[0].path: "${" does not begin a reference; write ${NAME}, ${NAME:-default}, or $${ for the two characters',
  ],
  [
    'auth: { bearer: "${UNSET}" }',
    'f.yaml:6:39: farms[0].checks[0].auth.bearer: the environment variable UNSET is not set; set it, or write ${UNSET:-default}',
  ],
]

const around = {
  env: { TAINTED: 's3cret' },
  files: { '/etc/farmprobe/empty': '\n', '/etc/farmprobe/cert.pem': 'nonsense' },
}

test.each(table)('problems of a request: %s', async (keys, ...problems) => {
  expect(await problemsOf(withCheck(keys), around)).toBe(problems.join('\n'))
})
