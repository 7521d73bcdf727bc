import { expect, test } from 'vitest'
import { watchedFolder } from '../../src/discovery/glob.ts'

test.each([
  ['nodes.yaml', '/etc/f', 0],
  ['nodes/*.yaml', '/etc/f/nodes', 0],
  ['*/nodes-?.{json,yaml}', '/etc/f', 1],
  ['nodes/**/*.yaml', '/etc/f/nodes', undefined],
  ['/var/sd/*.json', '/var/sd', 0],
  ['/*.json', '/', 0],
  ['../sd/a.json', '/etc/sd', 0],
])('the files of %s come and go in %s', (pattern, folder, depth) => {
  expect(watchedFolder({ folder: '/etc/f', pattern })).toEqual({ folder, depth })
})
