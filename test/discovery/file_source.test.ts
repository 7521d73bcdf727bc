import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, join, win32 } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { readTextFile } from '../../src/config/yaml/text_file.ts'
import { readTargets } from '../../src/discovery/file_sd.ts'
import { watchedFolder } from '../../src/discovery/file_source.ts'
import type { DiscoveryMemory } from '../../src/discovery/node_source.ts'
import { eventually } from '../support/eventually.ts'
import { discovering, discoveringFarm } from '../support/files/discovering.ts'
import { createSimulatedClock } from '../support/simulated_clock.ts'
import { tempDir } from '../support/temp_dir.ts'

const site = { scheme: 'https', hostname: 'intranet.example.org', port: 443 } as const

const inFolder = (folder: string, pattern: string) => [
  discoveringFarm({ file: { folder, pattern, site, maxNodes: 1000 } }),
]

const group = (...targets: string[]) => JSON.stringify([{ targets }])

const nodes = (first: number, count: number) =>
  group(...Array.from({ length: count }, (_, index) => `10.0.${first}.${index}`))

describe('files of targets', () => {
  test('are found by a glob, read as JSON or YAML, and followed as they appear, change and vanish', async () => {
    await using dir = await tempDir()
    await dir.write('a.json', group('10.0.0.1:8080'))
    await using found = discovering(inFolder(dir.path, '*.{json,yaml}'))
    expect(await found.next()).toEqual(['10.0.0.1:8080 https://10.0.0.1:8080'])
    await dir.write('b.yaml', '- targets: ["[::1]:81"]\n  labels: { node: web02, __scheme__: http }\n')
    expect(await found.next()).toEqual(['10.0.0.1:8080 https://10.0.0.1:8080', 'web02 http://::1:81'])
    await dir.write('a.json', group('10.0.0.3'))
    expect(await found.next()).toEqual(['10.0.0.3 https://10.0.0.3:443', 'web02 http://::1:81'])
    await rm(join(dir.path, 'b.yaml'))
    expect(await found.next()).toEqual(['10.0.0.3 https://10.0.0.3:443'])
    expect(found.problems).toEqual([])
  })

  test('may be replaced by a rename, over and over', async () => {
    await using dir = await tempDir()
    const file = await dir.write('nodes.json', group('10.0.0.1'))
    await using found = discovering(inFolder(dir.path, 'nodes.json'))
    expect(await found.next()).toEqual(['10.0.0.1 https://10.0.0.1:443'])
    for (const host of ['10.0.0.2', '10.0.0.3', '10.0.0.4']) {
      await rename(await dir.write('.nodes.json.tmp', group(host)), file)
      expect(await found.next()).toEqual([`${host} https://${host}:443`])
    }
  })

  test('may be links that are switched, as in a volume of Kubernetes', async () => {
    await using dir = await tempDir()
    const at = (name: string) => join(dir.path, name)
    for (const [version, host] of [
      ['..v1', '10.0.0.1'],
      ['..v2', '10.0.0.2'],
    ] as const) {
      await mkdir(at(version))
      await writeFile(join(at(version), 'nodes.yaml'), group(host))
    }
    await symlink('..v1', at('..data'))
    await symlink('..data/nodes.yaml', at('nodes.yaml'))
    await using found = discovering(inFolder(dir.path, '*.yaml'))
    expect(await found.next()).toEqual(['10.0.0.1 https://10.0.0.1:443'])
    await symlink('..v2', at('..data_tmp'))
    await rename(at('..data_tmp'), at('..data'))
    expect(await found.next()).toEqual(['10.0.0.2 https://10.0.0.2:443'])
  })

  test('are found in folders that do not exist yet', async () => {
    await using dir = await tempDir()
    await using found = discovering(inFolder(dir.path, 'nodes/**/*.json'))
    expect(await found.next()).toEqual([])
    expect(found.problems).toEqual([
      `farm intranet: discover.file: no file matches "nodes/**/*.json" in ${dir.path}; it gives no nodes`,
    ])
    await mkdir(join(dir.path, 'nodes/deep'), { recursive: true })
    await dir.write('nodes/deep/a.json', group('10.0.0.1'))
    expect(await found.next()).toEqual(['10.0.0.1 https://10.0.0.1:443'])
  })

  test('that break keep their nodes, while others go on', async () => {
    await using dir = await tempDir()
    const broken = await dir.write('a.yaml', '- targets: ["10.0.0.1"]\n')
    await dir.write('b.yaml', '- targets: ["10.0.0.2"]\n')
    await using found = discovering(inFolder(dir.path, '*.yaml'))
    await found.next()
    await dir.write('a.yaml', '- target: ["10.0.0.9"]\n')
    await dir.write('b.yaml', '- targets: ["10.0.0.3"]\n')
    expect(await found.next()).toEqual(['10.0.0.1 https://10.0.0.1:443', '10.0.0.3 https://10.0.0.3:443'])
    expect(found.failures).toContain('intranet file')
    expect(found.problems).toEqual([
      `${broken}:1:3: [0].target: unknown key; did you mean targets?; keeping the last node it gave`,
    ])
  })

  test('are read again after a minute even when nobody reports a change', async () => {
    await using dir = await tempDir()
    await dir.write('a.json', group('10.0.0.1'))
    const clock = createSimulatedClock()
    await using found = discovering(inFolder(dir.path, '*.json'), { clock })
    await found.next()
    await dir.write('a.json', group('10.0.0.2'))
    await clock.advance(60_000)
    expect(await found.next()).toEqual(['10.0.0.2 https://10.0.0.2:443'])
  })

  test('are read although they never rest', async () => {
    await using dir = await tempDir()
    const file = await dir.write('nodes.json', group('10.0.0.1'))
    await using found = discovering(inFolder(dir.path, 'nodes.json'))
    await found.next()
    const isRead = new AbortController()
    const replacing = async () => {
      while (!isRead.signal.aborted) {
        await rename(await dir.write('.nodes.json.tmp', group('10.0.0.2')), file)
        await delay(50)
      }
    }
    const replaced = replacing()
    expect(await found.next()).toEqual(['10.0.0.2 https://10.0.0.2:443'])
    isRead.abort()
    await replaced
  })

  test('that have not changed are not read again; those that were refused are', async () => {
    await using dir = await tempDir()
    await dir.write('a.json', group('10.0.0.1'))
    await dir.write('b.json', '[')
    const clock = createSimulatedClock()
    const read: string[] = []
    await using found = discovering(inFolder(dir.path, '*.json'), {
      clock,
      readTargets: (file, source) => {
        read.push(basename(file))
        return readTargets(file, source, readTextFile)
      },
    })
    await found.next()
    await dir.write('c.json', group('10.0.0.3'))
    await clock.advance(60_000)
    expect(await found.next()).toEqual(['10.0.0.1 https://10.0.0.1:443', '10.0.0.3 https://10.0.0.3:443'])
    expect(read.filter((name) => name === 'a.json')).toHaveLength(1)
    expect(read.filter((name) => name === 'b.json').length).toBeGreaterThan(1)
  })

  test('that are gone are forgotten, and so is what a reload no longer asks', async () => {
    await using dir = await tempDir()
    const memory: DiscoveryMemory = new Map()
    const answers = () =>
      [...memory.values()].flatMap((each) => [...each.keys()].map((file) => basename(file)))
    await dir.write('a.json', group('10.0.0.1'))
    await dir.write('b.json', group('10.0.0.2'))
    const before = discovering(inFolder(dir.path, '*.json'), { memory })
    await before.next()
    expect(answers()).toEqual(['a.json', 'b.json'])
    await rm(join(dir.path, 'b.json'))
    await before.next()
    expect(answers()).toEqual(['a.json'])
    await before.stop()
    await using after = discovering(inFolder(dir.path, 'a.*'), { memory })
    await after.next()
    expect([memory.size, answers()]).toEqual([1, ['a.json']])
  })

  test('of more than 1,000 none is read, and their nodes stay', async () => {
    await using dir = await tempDir()
    await dir.write('nodes0.json', group('10.0.0.1'))
    const clock = createSimulatedClock()
    await using found = discovering(inFolder(dir.path, '*.json'), { clock })
    await found.next()
    await Promise.all(
      Array.from({ length: 1000 }, (_, index) => dir.write(`nodes${index + 1}.json`, group('10.0.0.2'))),
    )
    await clock.advance(60_000)
    await eventually(
      'the problem',
      () => found.problems,
      (problems) => problems.length > 0,
    )
    expect(found.problems).toEqual([
      'farm intranet: discover.file: the files cannot be listed: more than 1000 match "*.json"; narrow the pattern',
    ])
    expect(found.reported).toHaveLength(1)
  })

  test('beyond max_nodes are not remembered, and read when there is room again', async () => {
    await using dir = await tempDir()
    const memory: DiscoveryMemory = new Map()
    for (const first of [1, 2, 3, 4]) await dir.write(`${first}.json`, nodes(first, 2))
    const definition = discoveringFarm({
      maxNodes: 3,
      file: { folder: dir.path, pattern: '*.json', site, maxNodes: 3 },
    })
    await using found = discovering([definition], { memory })
    expect(await found.next()).toEqual([])
    expect([...memory.values()].map((answers) => answers.size)).toEqual([2])
    for (const first of [1, 2]) await rm(join(dir.path, `${first}.json`))
    await dir.write('3.json', nodes(3, 1))
    await eventually(
      'all nodes',
      () => found.reported.at(-1)?.[0]?.nodes.length,
      (count) => count === 3,
    )
  })

  test('with more values than their nodes can need are refused before they are parsed', async () => {
    await using dir = await tempDir()
    const definition = discoveringFarm({ file: { folder: dir.path, pattern: '*', site, maxNodes: 1 } })
    await dir.write('a', `[${'x,'.repeat(60)}`)
    await using found = discovering([definition])
    expect(await found.next()).toEqual([])
    expect(found.problems).toEqual([
      `${join(dir.path, 'a')}:1:1: more than 50 values; write fewer, or raise discover.max_nodes above 1; it gives no nodes`,
    ])
  })

  test('are left alone after the stop', async () => {
    await using dir = await tempDir()
    const clock = createSimulatedClock()
    const found = discovering(inFolder(dir.path, '*.json'), { clock })
    await found.next()
    await found.stop()
    expect(clock.pending()).toBe(0)
  })
})

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

test.each([
  ['nodes.yaml', 'C:\\f', 0],
  ['nodes\\*.yaml', 'C:\\f\\nodes', 0],
  ['nodes/**/*.yaml', 'C:\\f\\nodes', undefined],
  ['..\\sd\\a.json', 'C:\\sd', 0],
  ['D:\\sd\\*\\a.json', 'D:\\sd', 1],
  ['D:\\*.json', 'D:\\', 0],
  ['\\\\files\\sd\\*.json', '\\\\files\\sd\\', 0],
])('on Windows, the files of %s come and go in %s', (pattern, folder, depth) => {
  expect(watchedFolder({ folder: 'C:\\f', pattern }, win32)).toEqual({ folder, depth })
})
