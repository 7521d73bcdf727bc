import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { auditVerdict } from '../../tools/audit_report.ts'
import { type LockFile, lockProblems } from '../../tools/lock_file.ts'

const integrity = `sha512-${'A'.repeat(86)}==`
const good = { version: '1.0.0', integrity, license: 'MIT' }
const problemsOf = (each: LockFile['packages'][string]) =>
  lockProblems({ lockfileVersion: 3, packages: { '': {}, 'node_modules/a': each } })

test('our own lock file is as it should be', async () => {
  const text = await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8')
  expect(lockProblems(JSON.parse(text) as LockFile)).toEqual([])
})

test.each([
  ['as it should be', good, []],
  ['for development, under another licence', { ...good, license: 'MPL-2.0', dev: true }, []],
  ['under another licence', { ...good, license: 'GPL-3.0' }, ['its licence is GPL-3.0']],
  [
    'from a place of its own',
    { ...good, resolved: 'git+ssh://git@example.org/a.git#1' },
    ['it comes from git+ssh://git@example.org/a.git#1; let npm omit-lockfile-registry-resolved'],
  ],
  ['without a sum', { version: '1.0.0', license: 'MIT' }, ['no SHA-512 of its contents']],
  ['with a weak sum', { ...good, integrity: 'sha1-AAAA' }, ['no SHA-512 of its contents']],
  ['with a script', { ...good, hasInstallScript: true }, ['it runs a script when it is installed']],
  ['that is a folder', {}, ['no SHA-512 of its contents', 'its licence is none']],
])('a package %s', (_how, each, problems) => {
  expect(problemsOf(each)).toEqual(problems.map((problem) => `node_modules/a: ${problem}`))
})

test('an older lock file is told', () => {
  expect(lockProblems({ lockfileVersion: 1, packages: {} })).toEqual(['lockfileVersion is 1, not 3'])
})

test.each([
  [
    'a registry that cannot be asked',
    { message: '405 Method Not Allowed', statusCode: 405 },
    {
      isBad: false,
      lines: [
        'NOT AUDITED: this registry does not answer npm audit (405); nothing is known of vulnerabilities',
      ],
    },
  ],
  [
    'no answer at all',
    { message: 'npm audit said nothing' },
    {
      isBad: false,
      lines: [
        'NOT AUDITED: this registry does not answer npm audit (npm audit said nothing); nothing is known of vulnerabilities',
      ],
    },
  ],
  [
    'nothing',
    { vulnerabilities: {}, metadata: { dependencies: { total: 259 } } },
    { isBad: false, lines: ['npm audit: 0 vulnerable of 259 packages'] },
  ],
  [
    'a vulnerability',
    {
      vulnerabilities: { a: { name: 'a', severity: 'low', range: '<2.0.0' } },
      metadata: { dependencies: { total: 2 } },
    },
    { isBad: true, lines: ['low: a <2.0.0', 'npm audit: 1 vulnerable of 2 packages'] },
  ],
])('the audit finds %s', (_what, report, verdict) => {
  expect(auditVerdict(report)).toEqual(verdict)
})
