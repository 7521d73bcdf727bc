import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkOf, configOf, problemsOf, withCheck } from '../../support/files/config_text.ts'
import { tempDir } from '../../support/temp_dir.ts'

describe('NTLM', () => {
  test.each([
    ["'DOM\\probe'", { user: 'probe', domain: 'DOM' }],
    ['probe@example.org', { user: 'probe@example.org', domain: '' }],
  ])('takes the user %s, with the password of a file', async (written, user) => {
    const files = { '/etc/farmprobe/secrets/password': 's3cret\n' }
    const keys = `auth: { ntlm: { user: ${written}, password_file: secrets/password } }`
    const { windowsAuth, authorization } = await checkOf(keys, { files })
    expect(windowsAuth).toEqual({ by: 'ntlm', password: 's3cret', ...user })
    expect(authorization).toBeUndefined()
  })

  test('has its password hidden in what /config shows', async () => {
    const { redacted } = await configOf(withCheck("auth: { ntlm: { user: 'DOM\\probe', password: s3cret } }"))
    expect(redacted).toContain('DOM\\probe')
    expect(redacted).not.toContain('s3cret')
  })
})

const withKeytab = (name: string) =>
  `{ name: ${name}, auth: { negotiate: { principal: probe, keytab_file: ${name}.keytab } } }`

describe('Kerberos', () => {
  test('without a keytab, and without the package that it needs, is a problem each, and says what to do', async () => {
    const problems = await problemsOf(
      withCheck('auth: { negotiate: { principal: probe, keytab_file: no.keytab } }'),
    )
    expect(problems.replace(/ \([^()]*\)$/m, ' (why)')).toBe(
      'f.yaml:6:42: farms[0].checks[0].auth.negotiate: Kerberos needs the npm package kerberos beside farmprobe; run npm install ' +
        "kerberos in the folder that farmprobe is installed in, which also takes the system's libkrb5 (why)\n" +
        'f.yaml:6:75: farms[0].checks[0].auth.negotiate.keytab_file: "no.keytab" cannot be read: no such file; relative names ' +
        'start at /etc/farmprobe',
    )
  })

  test('takes no other file for a keytab', async () => {
    await using folder = await tempDir()
    const file = join(folder.path, 'probe.keytab')
    await writeFile(file, 's3cret')
    const problems = await problemsOf(
      withCheck(`auth: { negotiate: { principal: probe, keytab_file: ${file} } }`),
    )
    expect(problems).toContain('is no keytab; make one with ktpass or ktutil')
    expect(problems).not.toContain('s3cret')
  })

  test('takes the keys of all principals from one keytab', async () => {
    const text = `farms:\n  - name: intranet\n    url: http://intranet.example.org\n    checks: [${withKeytab('a')}, ${withKeytab('b')}]\n`
    expect(await problemsOf(text)).toContain(
      'farms[0].checks[1].auth.negotiate.keytab_file: a second keytab beside /etc/farmprobe/a.keytab; put the keys of all ' +
        'principals into one, with ktutil',
    )
  })
})
