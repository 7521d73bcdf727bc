import { expect, test } from 'vitest'
import { check } from '../../src/cli/check.ts'
import { capturedEdge } from '../support/processes/captured_edge.ts'
import { tempDir } from '../support/temp_dir.ts'

test('check prints each farm with its port where it is not the usual one, and IPv6 addresses in brackets', async () => {
  await using dir = await tempDir()
  const urls = ['http://[2001:db8::1]:8080', 'https://b.test', 'https://c.test:8443', 'http://[2001:db8::1]']
  const farms = urls.map((url, index) => `{ name: f${index}, url: "${url}" }`)
  const { edge, stdout } = capturedEdge()
  expect(await check(await dir.write('farm.yaml', `farms: [${farms.join(', ')}]`), {}, edge)).toBe(0)
  expect(stdout().match(/(?<=^farm f\d: )[^,]*/gm)).toEqual(urls)
})
