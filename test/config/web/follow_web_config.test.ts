import { rename, rm } from 'node:fs/promises'
import { hashSync } from 'bcryptjs'
import { expect, test } from 'vitest'
import { keepWebConfig } from '../../../src/config/web/follow_web_config.ts'
import { loadWebConfig } from '../../../src/config/web/web_config.ts'
import { formatProblem } from '../../../src/config/yaml/problem.ts'
import { makeCertificate } from '../../support/servers/certificates.ts'
import { type TempDir, tempDir } from '../../support/temp_dir.ts'

const hash = hashSync('x', 4)
const usersText = (...names: string[]) =>
  `basic_auth_users: { ${names.map((name) => `${name}: "${hash}"`).join(', ')} }\n`

async function keeping(dir: TempDir, text: string) {
  const file = await dir.write('web.yml', text)
  const first = await loadWebConfig(file)
  if (!first.ok) throw new Error(first.problems.map(formatProblem).join('\n'))
  const heard: string[] = []
  const keeper = keepWebConfig(file, first, {
    changed: ({ users }) => heard.push(`changed: ${[...users.keys()].join(' ')}`),
    refused: (problems) => heard.push(`refused: ${problems.map(({ message }) => message).join('\n')}`),
  })
  return { first: first.config, heard, current: keeper.current }
}

test('what has not changed stays the very same', async () => {
  await using dir = await tempDir()
  const { first, heard, current } = await keeping(dir, usersText('alice'))
  expect([await current(), await current()]).toEqual([first, first])
  await dir.write('web.yml', `# a comment\n${usersText('alice')}`)
  expect(await current()).toBe(first)
  expect(heard).toEqual([])
})

test('a change is in effect from the next request on', async () => {
  await using dir = await tempDir()
  const { heard, current } = await keeping(dir, usersText('alice'))
  await dir.write('web.yml', usersText('bob'))
  expect([...(await current()).users.keys()]).toEqual(['bob'])
  const next = await dir.write('next.yml', usersText('eve'))
  await rename(next, `${dir.path}/web.yml`)
  expect([...(await current()).users.keys()]).toEqual(['eve'])
  expect(heard).toEqual(['changed: bob', 'changed: eve'])
})

test('a bad file keeps the last good state and is reported once, and so is its repair', async () => {
  await using dir = await tempDir()
  const { first, heard, current } = await keeping(dir, usersText('alice'))
  await dir.write('web.yml', 'basic_auth_users: { alice: oops }')
  expect([await current(), await current()]).toEqual([first, first])
  await rm(`${dir.path}/web.yml`)
  expect([await current(), await current()]).toEqual([first, first])
  await dir.write('web.yml', '')
  expect(await current()).toBe(first)
  await dir.write('web.yml', usersText('alice'))
  expect((await current()).users).toEqual(first.users)
  expect(heard).toEqual([
    expect.stringContaining('refused: no bcrypt hash'),
    'refused: cannot be read: no such file; web.config_file names it',
    'refused: the file is empty; write {} if nothing is to be protected',
    'changed: alice',
  ])
})

test('a certificate is renewed by its own file; half of a pair changes nothing', async () => {
  await using dir = await tempDir()
  const [old, renewed] = [await makeCertificate(), await makeCertificate()]
  await dir.write('cert.pem', old.cert)
  await dir.write('key.pem', old.key)
  const { first, heard, current } = await keeping(
    dir,
    'tls_server_config: { cert_file: cert.pem, key_file: key.pem }',
  )
  await dir.write('cert.pem', renewed.cert)
  expect(await current()).toBe(first)
  await dir.write('key.pem', renewed.key)
  expect((await current()).tls?.context).toMatchObject({ cert: renewed.cert, key: renewed.key })
  expect(heard).toEqual([
    expect.stringContaining('refused: cert and key cannot be used together'),
    'changed: ',
  ])
})
