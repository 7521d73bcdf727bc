import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/load_config.ts'
import { formatProblem } from '../../../src/config/yaml/problem.ts'
import { readTextFile } from '../../../src/config/yaml/text_file.ts'
import { tempDir } from '../../support/temp_dir.ts'

test('a text is read without its byte order mark', async () => {
  await using dir = await tempDir()
  expect(await readTextFile(await dir.write('a.yaml', '\ufefffarms: é\n'))).toEqual({ text: 'farms: é\n' })
})

test('a text is read as UTF-16, which the redirection of Windows PowerShell writes', async () => {
  await using dir = await tempDir()
  const littleEndian = Buffer.from('\ufefffarms: é\n', 'utf16le')
  const bigEndian = Buffer.from(littleEndian).swap16()
  for (const bytes of [littleEndian, bigEndian])
    expect(await readTextFile(await dir.write('a.yaml', bytes as unknown as string))).toEqual({
      text: 'farms: é\n',
    })
})

test('what cannot be read says why', async () => {
  await using dir = await tempDir()
  await mkdir(join(dir.path, 'folder'))
  const file = await dir.write('a.yaml', '')
  expect(await readTextFile(join(dir.path, 'folder'))).toEqual({ why: 'it is a directory, not a file' })
  expect(await readTextFile(join(dir.path, 'none'))).toEqual({ why: 'no such file' })
  expect(await readTextFile(join(file, 'b'))).toEqual({ why: 'no such file' })
  const latin1 = await dir.write('latin1.yaml', Buffer.from([0x66, 0xfc, 0x72]) as unknown as string)
  expect(await readTextFile(latin1)).toEqual({ why: 'it is not UTF-8 text' })
  const long = await dir.write('long.yaml', 'a'.repeat(10_000_000))
  expect(await readTextFile(long)).toEqual({
    why: 'it is 9.54 MiB; at most 8 MiB are read',
  })
})

test('a configuration that cannot be read is one problem of the whole file', async () => {
  const result = await loadConfig('no/such/file.yaml', {})
  expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([
    'no/such/file.yaml: cannot be read: no such file; name a configuration file, such as config/farmprobe.yaml',
  ])
})
