/** What the machine gives runs out: descriptors, memory, disk; and the journal is damaged or taken away. */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { answerBytes, say, startRawServer } from '../../../test/support/servers/raw_server.ts'
import { type Fault, Miss } from '../fault.ts'
import type { Scene } from '../scene.ts'
import { startChild, stopChild } from '../support/child.ts'
import { courseBetween } from '../support/healthy_farm.ts'
import { onlyReasons, words } from '../support/outcome.ts'
import { descriptorsOf } from '../support/process_facts.ts'
import { badFarm, forever } from '../support/servers.ts'

const limitOf = (pid: number, limit: string) => execFileSync('prlimit', [`--pid=${pid}`, limit])

const outages = (scene: Scene) => scene.grown('farmprobe_outages_total', { farm: 'healthy' })

const descriptors: Fault = {
  name: 'descriptors-exhausted',
  expected:
    'no new socket for 2 s: probes end as internal, no node is blamed, and it goes on when there are some',
  run: ({ suffer }) =>
    suffer({ allow: { missed: true, reasons: ['internal'] } }, async (scene) => {
      const { pid } = scene.child
      limitOf(pid, `--nofile=${descriptorsOf(pid)}:20000`)
      await sleep(2000)
      limitOf(pid, '--nofile=20000:20000')
      const results = await scene.results('healthy')
      if (!('internal' in results)) throw new Miss(`probes were ${words(results)}`)
      if ((await outages(scene)) > 0) throw new Miss('a node was blamed')
      return words(results)
    }),
}

const memory: Fault = {
  name: 'memory-near-limit',
  expected: 'with 40 MiB of heap, bombs and endless bodies on 20 farms: each is too_large, and it lives on',
  async run({ suffer, short }) {
    await using endless = await startRawServer(forever('HTTP/1.1 200 OK\r\n\r\n', Buffer.alloc(65_536, 120)))
    const bomb = answerBytes(gzipSync(Buffer.alloc(64 * 2 ** 20)), ['Content-Encoding: gzip'])
    await using bombs = await startRawServer(say(bomb))
    const check = { interval: '250ms', timeout: '2s', expect: { body: { contains: 'x', max_bytes: '1MiB' } } }
    const farms = Array.from({ length: 20 }, (_, index) => ({
      ...badFarm({ port: index % 2 === 0 ? endless.port : bombs.port, check }),
      name: `bad${index}`,
    }))
    return await suffer(
      {
        nodeArgs: ['--max-old-space-size=40'],
        farms,
        allow: { missed: true, residentMiB: 128, liveMiB: 16 },
      },
      async (scene) => {
        const seen = await onlyReasons(scene, 'bad0', ['too_large'], short ? 20 : 100)
        return `${seen}; ${await onlyReasons(scene, 'bad1', ['too_large'], short ? 20 : 100)}`
      },
    )
  },
}

const writeErrors = (scene: Scene) => scene.grown('farmprobe_journal_write_errors_total')
const warnings = (scene: Scene) =>
  scene.child.lines.filter((line) => line.includes('the journal cannot be used')).length

const isWrittenAgain = ({ child }: Scene) =>
  child.lines.some((line) => line.includes('the journal is written again'))

const diskFull: Fault = {
  name: 'disk-full',
  expected: 'the journal waits in memory and says so once; written again when there is space',
  needs: ['root'],
  async run({ suffer, short }) {
    const disk = mkdtempSync(join(tmpdir(), 'farmprobe-faults-disk-'))
    const mount = `mount -t tmpfs -o size=2m tmpfs '${disk}' && exec "$@"`
    try {
      return await suffer(
        {
          wrap: ['unshare', '--mount', 'sh', '-c', mount, 'sh'],
          config: { journal: { path: join(disk, 'journal.db') } },
        },
        async (scene) => {
          // Only the process itself sees the mount; the kernel shows it to us under its root.
          const filler = join(`/proc/${scene.child.pid}/root`, disk, 'filler')
          fillUp(filler)
          await scene.until('write error', async () => (await writeErrors(scene)) >= 1, 15_000)
          await sleep(short ? 2000 : 20_000)
          const errors = await writeErrors(scene)
          rmSync(filler)
          const isAgain = () =>
            scene.child.lines.some((line) => line.includes('the journal is written again'))
          await scene.until('writing again', isAgain, 15_000)
          if (warnings(scene) !== 1) throw new Miss(`it warned ${warnings(scene)} times`)
          return `${errors} failed writes, 1 warning, written again`
        },
      )
    } finally {
      rmSync(disk, { recursive: true })
    }
  },
}

/** Writes until not one more byte fits. */
function fillUp(file: string): void {
  for (let bytes = 65_536; bytes >= 1; bytes = Math.floor(bytes / 2))
    try {
      for (;;) writeFileSync(file, Buffer.alloc(bytes), { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
}

const fileSizeLimit: Fault = {
  name: 'file-size-limit',
  expected:
    'no file may grow (ulimit -f): as with a full disk, the journal waits and is written again afterwards',
  run: ({ suffer }) =>
    suffer({}, async (scene) => {
      limitOf(scene.child.pid, '--fsize=1000:unlimited')
      await scene.until('write error', async () => (await writeErrors(scene)) >= 1, 15_000)
      limitOf(scene.child.pid, '--fsize=unlimited:unlimited')
      await scene.until('writing again', () => isWrittenAgain(scene), 15_000)
      if (warnings(scene) !== 1) throw new Miss(`it warned ${warnings(scene)} times`)
      return '1 warning, written again'
    }),
}

const journalRemoved: Fault = {
  name: 'journal-removed',
  expected: 'a new journal is begun in its place',
  run: ({ suffer }) =>
    suffer({}, async (scene) => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(scene.journal + suffix, { force: true })
      await scene.until('new journal', () => existsSync(scene.journal), 15_000)
      return 'a new file within 15 s'
    }),
}

/** Damaged files that were given another name. */
const asides = (scene: Scene) =>
  readdirSync(scene.folder).filter((name) => /\.damaged-[^.]*$/.test(name)).length

const journalReplaced: Fault = {
  name: 'journal-replaced',
  expected: 'another file put in its place is set aside under another name, and a new one begun',
  run: ({ suffer }) =>
    suffer({}, async (scene) => {
      const { journal } = scene
      writeFileSync(`${journal}.new`, 'no journal'.repeat(1000))
      for (const suffix of ['-wal', '-shm']) rmSync(journal + suffix, { force: true })
      renameSync(`${journal}.new`, journal)
      await scene.until('file set aside', () => asides(scene) === 1 && existsSync(journal), 20_000)
      return 'set aside, a new one begun'
    }),
}

const journalDamaged: Fault = {
  name: 'journal-damaged',
  expected:
    'cut short while it is written: probing goes on; at the next start it is set aside, and a new one begun',
  run: ({ suffer, short }) =>
    suffer({ allow: { ends: true } }, async (scene) => {
      truncateSync(scene.journal, 5000)
      truncateSync(`${scene.journal}-wal`, 0)
      await sleep(short ? 2000 : 20_000)
      const { missed, failed } = courseBetween(scene.before, await scene.scraper.read())
      if (missed > 0 || Object.keys(failed).length > 0) throw new Miss(`${missed} missed, ${words(failed)}`)
      scene.inspector[Symbol.dispose]()
      const { exit } = await stopChild(scene.child)
      if (exit.code !== 0) throw new Miss(`SIGTERM ended it with ${exit.code ?? exit.signal}`)
      const next = await startChild({ configFile: scene.configFile })
      try {
        await scene.until('file set aside', () => asides(scene) === 1 && existsSync(scene.journal))
      } finally {
        await stopChild(next)
      }
      return 'no slot missed; set aside at the next start'
    }),
}

export const resourceFaults: readonly Fault[] = [
  descriptors,
  memory,
  diskFull,
  fileSizeLimit,
  journalRemoved,
  journalReplaced,
  journalDamaged,
]
