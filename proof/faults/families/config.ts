/** The configuration and the files of targets, changed in every way that goes wrong. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { select } from '../../../test/support/rules/exposition.ts'
import { answerBytes, say, startRawServer } from '../../../test/support/servers/raw_server.ts'
import { type Fault, Miss, type Runner, type RunningFarmprobe } from '../fault.ts'
import { badFarm } from '../support/servers.ts'

const reloadOk = (farmprobe: RunningFarmprobe) => farmprobe.value('farmprobe_config_last_reload_successful')

const reloads = ({ child }: RunningFarmprobe) =>
  child.lines.filter((line) => line.includes('"configuration reloaded"')).length
const refusals = ({ child }: RunningFarmprobe) =>
  child.lines.filter((line) => line.includes('not reloaded')).length

/** Sends SIGHUP and waits until the configuration is refused. */
async function refused(farmprobe: RunningFarmprobe): Promise<void> {
  const before = refusals(farmprobe)
  farmprobe.child.signal('SIGHUP')
  await farmprobe.until('refusal', () => refusals(farmprobe) > before)
  if ((await reloadOk(farmprobe)) !== 0) throw new Miss('the metric does not tell of the refusal')
}

/** Sends SIGHUP and waits until the configuration is in force. */
async function accepted(farmprobe: RunningFarmprobe): Promise<void> {
  const before = reloads(farmprobe)
  farmprobe.child.signal('SIGHUP')
  await farmprobe.until('reload', () => reloads(farmprobe) > before)
  if ((await reloadOk(farmprobe)) !== 1) throw new Miss('the metric does not tell of the reload')
}

const torn: Fault = {
  name: 'config-torn',
  expected: 'half a file is refused, each time, and probing goes on by the last good one',
  run: ({ experiment, short }) =>
    experiment({}, async (farmprobe) => {
      const text = farmprobe.configText([])
      const cuts = short ? 10 : 60
      for (let cut = 0; cut < cuts; cut += 1) {
        writeFileSync(farmprobe.configFile, text.slice(0, Math.floor((cut / cuts) * (text.length - 1))))
        await refused(farmprobe)
      }
      farmprobe.configure([])
      await accepted(farmprobe)
      return `${cuts} refused, then accepted`
    }),
}

const deleted: Fault = {
  name: 'config-deleted',
  expected: 'no file is refused, and probing goes on by the last good one; when it is back it is read',
  run: ({ experiment }) =>
    experiment({}, async (farmprobe) => {
      rmSync(farmprobe.configFile)
      await refused(farmprobe)
      farmprobe.configure([])
      await accepted(farmprobe)
      return 'refused, then accepted'
    }),
}

const idle = badFarm({ port: 9, check: { interval: '24h', timeout: '1s' } })

/** Enough to make a reload take its time. */
const many = Array.from({ length: 300 }, (_, index) => ({ ...idle, name: `idle${index}` }))

/** Of many targets /metrics is too long to read often. */
async function isProbed({ child }: RunningFarmprobe, farm: string): Promise<boolean> {
  const response = await fetch(`${child.url}/sd`, { headers: { connection: 'close' } })
  return (await response.text()).includes(JSON.stringify(farm))
}

/** Swaps a folder that files are read through, at once, as Kubernetes does with a ConfigMap. */
function swap(folder: string, version: number, file: string, text: string): void {
  mkdirSync(join(folder, `..${version}`))
  writeFileSync(join(folder, `..${version}`, file), text)
  symlinkSync(`..${version}`, join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  rmSync(join(folder, `..${version - 1}`), { recursive: true, force: true })
}

const configSymlinks: Fault = {
  name: 'config-symlink-swapped',
  expected:
    'the folder of the configuration is swapped by a symbolic link, as Kubernetes does, then SIGHUP: each is read',
  run: ({ experiment, short }) =>
    experiment({}, async (farmprobe) => {
      const swaps = short ? 6 : 30
      swap(farmprobe.folder, 1, 'now.yaml', farmprobe.configText([]))
      rmSync(farmprobe.configFile)
      symlinkSync('..data/now.yaml', farmprobe.configFile)
      for (let version = 2; version < 2 + swaps; version += 1) {
        const name = `version${version}`
        swap(farmprobe.folder, version, 'now.yaml', farmprobe.configText([{ ...idle, name }]))
        await accepted(farmprobe)
        await farmprobe.until(name, () => isProbed(farmprobe, name))
      }
      rmSync(farmprobe.configFile)
      farmprobe.configure([])
      await accepted(farmprobe)
      return `${swaps} swaps, each read`
    }),
}

const storm: Fault = {
  name: 'sighup-storm',
  expected:
    'a SIGHUP every 2 ms with 301 farms: no queue of reloads; the last state of the file is in force at once',
  run: ({ experiment, short }) =>
    // The events of three hundred farms are remembered.
    experiment({ allow: { liveMiB: 8 } }, async (farmprobe) => {
      const signals = short ? 1000 : 10_000
      farmprobe.configure(many)
      await accepted(farmprobe)
      const before = reloads(farmprobe)
      for (let sent = 0; sent < signals; sent += 1) {
        farmprobe.child.signal('SIGHUP')
        // Signals that come at once are one.
        await sleep(2)
      }
      const during = reloads(farmprobe) - before
      farmprobe.configure([...many, { ...idle, name: 'last' }])
      farmprobe.child.signal('SIGHUP')
      await farmprobe.until('last state', () => isProbed(farmprobe, 'last'), 3000)
      const over = reloads(farmprobe)
      await sleep(1500)
      if (reloads(farmprobe) > over + 2)
        throw new Miss(`${reloads(farmprobe) - over} reloads when the storm was over`)
      farmprobe.configure([])
      await accepted(farmprobe)
      return `${signals} signals, ${during} reloads meanwhile, the last state in force within 3 s`
    }),
}

const targetsFile = (hosts: readonly string[], port: number) =>
  JSON.stringify([{ targets: hosts.map((host) => `${host}:${port}`) }])

const nodesOf = async ({ scraper }: RunningFarmprobe) =>
  select((await scraper.read()).samples, 'farmprobe_up', { farm: 'bad', role: 'node' }).length

const failures = ({ grown }: RunningFarmprobe) => grown('farmprobe_discovery_failures_total', { farm: 'bad' })

/** A farm whose nodes are in a file of targets; `work` gets a function that writes how many there are. */
async function discovered(
  { experiment }: Runner,
  work: (farmprobe: RunningFarmprobe, folder: string, text: (nodes: number) => string) => Promise<string>,
) {
  await using server = await startRawServer(say(answerBytes('Welcome', ['Connection: close'])), {
    host: '0.0.0.0',
  })
  const { port } = server
  const text = (nodes: number) =>
    targetsFile(
      Array.from({ length: nodes }, (_, node) => `127.3.0.${node + 1}`),
      port,
    )
  // The kernel's watch of files (inotify) is opened by Node with the first file and kept for good.
  return await experiment({ allow: { descriptors: 1 } }, async (farmprobe) => {
    const folder = join(farmprobe.folder, 'targets')
    mkdirSync(folder)
    return await work(farmprobe, folder, text)
  })
}

/** Adds the farm to the configuration. */
async function begin(farmprobe: RunningFarmprobe, folder: string): Promise<void> {
  const path = join(folder, '*.json')
  farmprobe.configure([badFarm({ port: 9, more: { nodes: [], discover: { file: { path } } } })])
  await accepted(farmprobe)
}

async function end(farmprobe: RunningFarmprobe): Promise<void> {
  farmprobe.configure([])
  await accepted(farmprobe)
}

const symlinks: Fault = {
  name: 'targets-symlink-swapped',
  expected: 'the folder is swapped by a symbolic link, as Kubernetes does: each state of it is taken over',
  run: (runner) =>
    discovered(runner, async (farmprobe, folder, text) => {
      const swaps = runner.short ? 6 : 30
      const show = (version: number) => swap(folder, version, 'nodes.json', text(1 + (version % 4)))
      show(1)
      symlinkSync('..data/nodes.json', join(folder, 'nodes.json'))
      await begin(farmprobe, folder)
      await farmprobe.until('first nodes', async () => (await nodesOf(farmprobe)) === 2)
      for (let version = 2; version < 2 + swaps; version += 1) {
        show(version)
        const isShown = async () => (await nodesOf(farmprobe)) === 1 + (version % 4)
        await farmprobe.until(`nodes of swap ${version - 1}`, isShown, 3000)
      }
      await end(farmprobe)
      return `${swaps} swaps, each seen within 3 s`
    }),
}

const tornTargets: Fault = {
  name: 'targets-torn',
  expected: 'a file of targets written piece by piece, and deleted: no node is lost before the whole says so',
  run: (runner) =>
    discovered(runner, async (farmprobe, folder, text) => {
      const file = join(folder, 'nodes.json')
      writeFileSync(file, text(4))
      await begin(farmprobe, folder)
      await farmprobe.until('four nodes', async () => (await nodesOf(farmprobe)) === 4)
      const whole = text(3)
      for (let length = 0; length < whole.length; length += runner.short ? 20 : 2) {
        writeFileSync(file, whole.slice(0, length))
        await sleep(200)
        const nodes = await nodesOf(farmprobe)
        if (nodes !== 4) throw new Miss(`${nodes} nodes after ${length} of ${whole.length} bytes`)
      }
      writeFileSync(file, whole)
      await farmprobe.until('three nodes', async () => (await nodesOf(farmprobe)) === 3)
      rmSync(file)
      await farmprobe.until('no node', async () => (await nodesOf(farmprobe)) === 0)
      writeFileSync(file, whole)
      await farmprobe.until('three nodes again', async () => (await nodesOf(farmprobe)) === 3)
      await end(farmprobe)
      return 'four nodes until the whole file named three; none without the file; three again'
    }),
}

const hugeTargets: Fault = {
  name: 'targets-huge',
  expected:
    '7 MB of targets, replaced every 50 ms: refused, the nodes stay, scrapes take less than a second; then a list that never rests is read',
  run: (runner) =>
    discovered(runner, async (farmprobe, folder, text) => {
      const replace = (content: string) => {
        writeFileSync(join(folder, '.next'), content)
        renameSync(join(folder, '.next'), join(folder, 'nodes.json'))
      }
      replace(text(4))
      await begin(farmprobe, folder)
      await farmprobe.until('four nodes', async () => (await nodesOf(farmprobe)) === 4)
      const huge = text(3).replace(']', `,${'"127.3.1.1:80","127.3.1.2:80",'.repeat(230_000)}"127.3.1.3:80"]`)
      let slowestMs = 0
      const untilMs = performance.now() + (runner.short ? 5000 : 20_000)
      while (performance.now() < untilMs) {
        replace(huge)
        const sinceMs = performance.now()
        const nodes = await nodesOf(farmprobe)
        slowestMs = Math.max(slowestMs, performance.now() - sinceMs)
        if (nodes !== 4) throw new Miss(`${nodes} nodes`)
        await sleep(50)
      }
      if (slowestMs > 1000) throw new Miss(`a scrape took ${Math.round(slowestMs)} ms`)
      if ((await failures(farmprobe)) === 0) throw new Miss('nothing was refused')
      const isTaken = async () => {
        replace(text(3))
        return (await nodesOf(farmprobe)) === 3
      }
      await farmprobe.until('three nodes', isTaken, 15_000)
      await end(farmprobe)
      return `four nodes throughout, then three; the slowest scrape took ${Math.round(slowestMs)} ms`
    }),
}

export const configFaults: readonly Fault[] = [
  torn,
  deleted,
  configSymlinks,
  storm,
  symlinks,
  tornTargets,
  hugeTargets,
]
