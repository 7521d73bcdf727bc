import { describe, expect, test } from 'vitest'
import { checkOf, configOf, problemsOf, withCheck } from '../../support/files/config_text.ts'
import { makeCertificate } from '../../support/servers/certificates.ts'

describe('TLS settings', async () => {
  const [mine, other] = [await makeCertificate(), await makeCertificate()]
  const files = {
    '/etc/farmprobe/tls/ca.pem': `${other.cert}\n`,
    '/etc/farmprobe/tls/probe.pem': mine.cert,
    '/etc/farmprobe/tls/probe.key': mine.key,
    '/etc/farmprobe/tls/other.key': other.key,
  }

  test('are read from their files', async () => {
    const { tls } = await checkOf(
      'tls: { ca_file: tls/ca.pem, cert_file: tls/probe.pem, key_file: tls/probe.key, min_version: TLSv1.3 }',
      { files },
    )
    expect(tls).toEqual({
      ca: other.cert,
      cert: mine.cert.trimEnd(),
      key: mine.key.trimEnd(),
      insecure: false,
      minVersion: 'TLSv1.3',
    })
  })

  test('are refused when the key belongs to another certificate', async () => {
    const text = withCheck('tls: { cert_file: tls/probe.pem, key_file: tls/other.key }')
    expect(await problemsOf(text, { files })).toBe(
      'f.yaml:6:28: farms[0].checks[0].tls: cert and key cannot be used together (key values mismatch); give the ' +
        'unencrypted PEM key that belongs to the certificate',
    )
  })
})

describe('what /config shows', () => {
  const text = `
# a comment with s3cret
defaults: { headers: { Cookie: a=s3cret, Accept: text/html } }
farms:
  - name: intranet
    url: https://intranet.example.org
    identity: { body: 'pid=(\\d+)' }
    checks:
      - name: home
        path: /?token=s3cret&lang=en
        method: POST
        timeout: "\${TIMEOUT:-9s}"
        body: "{\\"password\\":\\"s3cret\\"}"
        headers: { X-Api-Key: s3cret, X-Farm: a, X-Env: "\${SECRET}" }
        auth: { basic: { username: probe, password: s3cret } }
        expect: { body: { contains: Welcome } }
      - name: token
        auth: { bearer: "\${SECRET}" }
`

  test('is the file without comments, with secrets hidden and variables by name', async () => {
    const { redacted } = await configOf(text, { env: { SECRET: 's3cret' } })
    expect(redacted).toMatchInlineSnapshot(`
      "defaults:
        headers:
          Cookie: <secret>
          Accept: text/html
      farms:
        - name: intranet
          url: https://intranet.example.org
          identity:
            body: pid=(\\d+)
          checks:
            - name: home
              path: /?token=<secret>&lang=en
              method: POST
              timeout: \${TIMEOUT:-9s}
              body: <secret>
              headers:
                X-Api-Key: <secret>
                X-Farm: a
                X-Env: \${SECRET}
              auth:
                basic:
                  username: probe
                  password: <secret>
              expect:
                body:
                  contains: Welcome
            - name: token
              auth:
                bearer: <secret>
      "
    `)
  })

  test('never holds a secret', async () => {
    expect((await configOf(text, { env: { SECRET: 's3cret' } })).redacted).not.toContain('s3cret')
  })
})
