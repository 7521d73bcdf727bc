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
import { descriptorsOf } from '../../processes.ts'
import { type Fault, Miss, type RunningFarmprobe } from '../fault.ts'
import { startChild, stopChild } from '../support/child.ts'
import { courseBetween } from '../support/healthy_farm.ts'
import { onlyReasons, words } from '../support/probe_results.ts'
import { badFarm, forever } from '../support/servers.ts'

const limitOf = (pid: number, limit: string) => execFileSync('prlimit', [`--pid=${pid}`, limit])

const outages = (farmprobe: RunningFarmprobe) =>
  farmprobe.grown('farmprobe_outages_total', { farm: 'healthy' })

const descriptors: Fault = {
  name: 'descriptors-exhausted',
  expected:
    'no new socket for 2 s: probes end as internal, no node is blamed, and it goes on when there are some',
  run: ({ experiment }) =>
    experiment({ allow: { missed: true, reasons: ['internal'] } }, async (farmprobe) => {
      const { pid } = farmprobe.child
      limitOf(pid, `--nofile=${descriptorsOf(pid)}:20000`)
      await sleep(2000)
      limitOf(pid, '--nofile=20000:20000')
      const results = await farmprobe.results('healthy')
      if (!('internal' in results)) throw new Miss(`probes were ${words(results)}`)
      if ((await outages(farmprobe)) > 0) throw new Miss('a node was blamed')
      return words(results)
    }),
}

const memory: Fault = {
  name: 'memory-near-limit',
  expected: 'with 40 MiB of heap, bombs and endless bodies on 20 farms: each is too_large, and it lives on',
  async run({ experiment, short }) {
    await using endless = await startRawServer(forever('HTTP/1.1 200 OK\r\n\r\n', Buffer.alloc(65_536, 120)))
    const bomb = answerBytes(gzipSync(Buffer.alloc(64 * 2 ** 20)), ['Content-Encoding: gzip'])
    await using bombs = await startRawServer(say(bomb))
    const check = { interval: '250ms', timeout: '2s', expect: { body: { contains: 'x', max_bytes: '1MiB' } } }
    const farms = Array.from({ length: 20 }, (_, index) => ({
      ...badFarm({ port: index % 2 === 0 ? endless.port : bombs.port, check }),
      name: `bad${index}`,
    }))
    return await experiment(
      {
        nodeArgs: ['--max-old-space-size=40'],
        farms,
        allow: { missed: true, residentMiB: 128, liveMiB: 16 },
      },
      async (farmprobe) => {
        const seen = await onlyReasons(farmprobe, 'bad0', ['too_large'], short ? 20 : 100)
        return `${seen}; ${await onlyReasons(farmprobe, 'bad1', ['too_large'], short ? 20 : 100)}`
      },
    )
  },
}

const writeErrors = (farmprobe: RunningFarmprobe) => farmprobe.grown('farmprobe_journal_write_errors_total')
const warnings = (farmprobe: RunningFarmprobe) =>
  farmprobe.child.lines.filter((line) => line.includes('the journal cannot be used')).length

const isWrittenAgain = ({ child }: RunningFarmprobe) =>
  child.lines.some((line) => line.includes('the journal is written again'))

const diskFull: Fault = {
  name: 'disk-full',
  expected: 'the journal waits in memory and says so once; written again when there is space',
  needs: ['root'],
  async run({ experiment, short }) {
    const disk = mkdtempSync(join(tmpdir(), 'farmprobe-faults-disk-'))
    const mount = `mount -t tmpfs -o size=2m tmpfs '${disk}' && exec "$@"`
    try {
      return await experiment(
        {
          wrap: ['unshare', '--mount', 'sh', '-c', mount, 'sh'],
          config: { journal: { path: join(disk, 'journal.db') } },
        },
        async (farmprobe) => {
          // Only the process itself sees the mount; the kernel shows it to us under its root.
          const filler = join(`/proc/${farmprobe.child.pid}/root`, disk, 'filler')
          fillUp(filler)
          await farmprobe.until('write error', async () => (await writeErrors(farmprobe)) >= 1, 15_000)
          await sleep(short ? 2000 : 20_000)
          const errors = await writeErrors(farmprobe)
          rmSync(filler)
          const isAgain = () =>
            farmprobe.child.lines.some((line) => line.includes('the journal is written again'))
          await farmprobe.until('writing again', isAgain, 15_000)
          if (warnings(farmprobe) !== 1) throw new Miss(`it warned ${warnings(farmprobe)} times`)
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
  run: ({ experiment }) =>
    experiment({}, async (farmprobe) => {
      limitOf(farmprobe.child.pid, '--fsize=1000:unlimited')
      await farmprobe.until('write error', async () => (await writeErrors(farmprobe)) >= 1, 15_000)
      limitOf(farmprobe.child.pid, '--fsize=unlimited:unlimited')
      await farmprobe.until('writing again', () => isWrittenAgain(farmprobe), 15_000)
      if (warnings(farmprobe) !== 1) throw new Miss(`it warned ${warnings(farmprobe)} times`)
      return '1 warning, written again'
    }),
}

const journalRemoved: Fault = {
  name: 'journal-removed',
  expected: 'a new journal is begun in its place',
  run: ({ experiment }) =>
    experiment({}, async (farmprobe) => {
      for (const suffix of ['', '-wal', '-shm']) rmSync(farmprobe.journal + suffix, { force: true })
      await farmprobe.until('new journal', () => existsSync(farmprobe.journal), 15_000)
      return 'a new file within 15 s'
    }),
}

/** Damaged files that were given another name. */
export const asides = (farmprobe: RunningFarmprobe) =>
  readdirSync(farmprobe.folder).filter((name) => /\.damaged-[^.]*$/.test(name)).length

const journalReplaced: Fault = {
  name: 'journal-replaced',
  expected: 'another file put in its place is set aside under another name, and a new one begun',
  run: ({ experiment }) =>
    experiment({}, async (farmprobe) => {
      const { journal } = farmprobe
      writeFileSync(`${journal}.new`, 'no journal'.repeat(1000))
      for (const suffix of ['-wal', '-shm']) rmSync(journal + suffix, { force: true })
      renameSync(`${journal}.new`, journal)
      await farmprobe.until('file set aside', () => asides(farmprobe) === 1 && existsSync(journal), 20_000)
      return 'set aside, a new one begun'
    }),
}

const journalDamaged: Fault = {
  name: 'journal-damaged',
  expected:
    'cut short while it is written: probing goes on; at the next start it is set aside, and a new one begun',
  run: ({ experiment, short }) =>
    experiment({ allow: { ends: true } }, async (farmprobe) => {
      truncateSync(farmprobe.journal, 5000)
      truncateSync(`${farmprobe.journal}-wal`, 0)
      await sleep(short ? 2000 : 20_000)
      const { missed, failed } = courseBetween(farmprobe.before, await farmprobe.scraper.read())
      if (missed > 0 || Object.keys(failed).length > 0) throw new Miss(`${missed} missed, ${words(failed)}`)
      farmprobe.inspector[Symbol.dispose]()
      const { exit } = await stopChild(farmprobe.child)
      if (exit.code !== 0) throw new Miss(`SIGTERM ended it with ${exit.code ?? exit.signal}`)
      const next = await startChild({ configFile: farmprobe.configFile })
      try {
        await farmprobe.until(
          'file set aside',
          () => asides(farmprobe) === 1 && existsSync(farmprobe.journal),
        )
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
