/** The configuration and the files of targets, changed in every way that goes wrong. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { select } from '../../../test/support/rules/exposition.ts'
import { answerBytes, say, startRawServer } from '../../../test/support/servers/raw_server.ts'
import { type Fault, Miss, type Stand } from '../fault.ts'
import type { Scene } from '../scene.ts'
import { badFarm } from '../support/servers.ts'

const reloadOk = (scene: Scene) => scene.value('farmprobe_config_last_reload_successful')

const reloads = ({ child }: Scene) =>
  child.lines.filter((line) => line.includes('"configuration reloaded"')).length
const refusals = ({ child }: Scene) => child.lines.filter((line) => line.includes('not reloaded')).length

/** Sends SIGHUP and waits until the configuration is refused. */
async function refused(scene: Scene): Promise<void> {
  const before = refusals(scene)
  scene.child.signal('SIGHUP')
  await scene.until('refusal', () => refusals(scene) > before)
  if ((await reloadOk(scene)) !== 0) throw new Miss('the metric does not tell of the refusal')
}

/** Sends SIGHUP and waits until the configuration is in force. */
async function accepted(scene: Scene): Promise<void> {
  const before = reloads(scene)
  scene.child.signal('SIGHUP')
  await scene.until('reload', () => reloads(scene) > before)
  if ((await reloadOk(scene)) !== 1) throw new Miss('the metric does not tell of the reload')
}

const torn: Fault = {
  name: 'config-torn',
  expected: 'half a file is refused, each time, and probing goes on by the last good one',
  run: ({ suffer, short }) =>
    suffer({}, async (scene) => {
      const text = scene.configText([])
      const cuts = short ? 10 : 60
      for (let cut = 0; cut < cuts; cut += 1) {
        writeFileSync(scene.configFile, text.slice(0, Math.floor((cut / cuts) * (text.length - 1))))
        await refused(scene)
      }
      scene.configure([])
      await accepted(scene)
      return `${cuts} refused, then accepted`
    }),
}

const deleted: Fault = {
  name: 'config-deleted',
  expected: 'no file is refused, and probing goes on by the last good one; when it is back it is read',
  run: ({ suffer }) =>
    suffer({}, async (scene) => {
      rmSync(scene.configFile)
      await refused(scene)
      scene.configure([])
      await accepted(scene)
      return 'refused, then accepted'
    }),
}

const idle = badFarm({ port: 9, check: { interval: '24h', timeout: '1s' } })

/** Enough to make a reload take its time. */
const many = Array.from({ length: 300 }, (_, index) => ({ ...idle, name: `idle${index}` }))

/** Of many targets /metrics is too long to read often. */
async function isProbed({ child }: Scene, farm: string): Promise<boolean> {
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
  run: ({ suffer, short }) =>
    suffer({}, async (scene) => {
      const swaps = short ? 6 : 30
      swap(scene.folder, 1, 'now.yaml', scene.configText([]))
      rmSync(scene.configFile)
      symlinkSync('..data/now.yaml', scene.configFile)
      for (let version = 2; version < 2 + swaps; version += 1) {
        const name = `version${version}`
        swap(scene.folder, version, 'now.yaml', scene.configText([{ ...idle, name }]))
        await accepted(scene)
        await scene.until(name, () => isProbed(scene, name))
      }
      rmSync(scene.configFile)
      scene.configure([])
      await accepted(scene)
      return `${swaps} swaps, each read`
    }),
}

const storm: Fault = {
  name: 'sighup-storm',
  expected:
    'a SIGHUP every 2 ms with 301 farms: no queue of reloads; the last state of the file is in force at once',
  run: ({ suffer, short }) =>
    // The events of three hundred farms are remembered.
    suffer({ allow: { liveMiB: 8 } }, async (scene) => {
      const signals = short ? 1000 : 10_000
      scene.configure(many)
      await accepted(scene)
      const before = reloads(scene)
      for (let sent = 0; sent < signals; sent += 1) {
        scene.child.signal('SIGHUP')
        // Signals that come at once are one.
        await sleep(2)
      }
      const during = reloads(scene) - before
      scene.configure([...many, { ...idle, name: 'last' }])
      scene.child.signal('SIGHUP')
      await scene.until('last state', () => isProbed(scene, 'last'), 3000)
      const over = reloads(scene)
      await sleep(1500)
      if (reloads(scene) > over + 2)
        throw new Miss(`${reloads(scene) - over} reloads when the storm was over`)
      scene.configure([])
      await accepted(scene)
      return `${signals} signals, ${during} reloads meanwhile, the last state in force within 3 s`
    }),
}

const targetsFile = (hosts: readonly string[], port: number) =>
  JSON.stringify([{ targets: hosts.map((host) => `${host}:${port}`) }])

const nodesOf = async ({ scraper }: Scene) =>
  select((await scraper.read()).samples, 'farmprobe_up', { farm: 'bad', role: 'node' }).length

/** A farm whose nodes stand in a file of targets; what `work` is given writes how many there are. */
async function discovered(
  { suffer }: Stand,
  work: (scene: Scene, folder: string, text: (nodes: number) => string) => Promise<string>,
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
  return await suffer({ allow: { descriptors: 1 } }, async (scene) => {
    const folder = join(scene.folder, 'targets')
    mkdirSync(folder)
    return await work(scene, folder, text)
  })
}

/** Puts the farm in the plan. */
async function begin(scene: Scene, folder: string): Promise<void> {
  const path = join(folder, '*.json')
  scene.configure([badFarm({ port: 9, more: { nodes: [], discover: { file: { path } } } })])
  await accepted(scene)
}

async function end(scene: Scene): Promise<void> {
  scene.configure([])
  await accepted(scene)
}

const symlinks: Fault = {
  name: 'targets-symlink-swapped',
  expected: 'the folder is swapped by a symbolic link, as Kubernetes does: each state of it is taken over',
  run: (stand) =>
    discovered(stand, async (scene, folder, text) => {
      const swaps = stand.short ? 6 : 30
      const show = (version: number) => swap(folder, version, 'nodes.json', text(1 + (version % 4)))
      show(1)
      symlinkSync('..data/nodes.json', join(folder, 'nodes.json'))
      await begin(scene, folder)
      await scene.until('first nodes', async () => (await nodesOf(scene)) === 2)
      for (let version = 2; version < 2 + swaps; version += 1) {
        show(version)
        const isShown = async () => (await nodesOf(scene)) === 1 + (version % 4)
        await scene.until(`nodes of swap ${version - 1}`, isShown, 3000)
      }
      await end(scene)
      return `${swaps} swaps, each seen within 3 s`
    }),
}

const tornTargets: Fault = {
  name: 'targets-torn',
  expected: 'a file of targets written piece by piece, and deleted: no node is lost before the whole says so',
  run: (stand) =>
    discovered(stand, async (scene, folder, text) => {
      const file = join(folder, 'nodes.json')
      writeFileSync(file, text(4))
      await begin(scene, folder)
      await scene.until('four nodes', async () => (await nodesOf(scene)) === 4)
      const whole = text(3)
      for (let length = 0; length < whole.length; length += stand.short ? 20 : 2) {
        writeFileSync(file, whole.slice(0, length))
        await sleep(200)
        const nodes = await nodesOf(scene)
        if (nodes !== 4) throw new Miss(`${nodes} nodes after ${length} of ${whole.length} bytes`)
      }
      writeFileSync(file, whole)
      await scene.until('three nodes', async () => (await nodesOf(scene)) === 3)
      rmSync(file)
      await scene.until('no node', async () => (await nodesOf(scene)) === 0)
      writeFileSync(file, whole)
      await scene.until('three nodes again', async () => (await nodesOf(scene)) === 3)
      await end(scene)
      return 'four nodes until the whole file named three; none without the file; three again'
    }),
}

export const configFaults: readonly Fault[] = [torn, deleted, configSymlinks, storm, symlinks, tornTargets]
