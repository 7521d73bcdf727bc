/** The wall clock is set while farmprobe runs: by libfaketime, which stands between the process and the kernel. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, Miss, type RunningFarmprobe } from '../fault.ts'

const libraries = ['x86_64', 'aarch64'].map(
  (machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`,
)

/** Where the library is installed; undefined when it is not. */
export const fakeTimeLibrary = () => libraries.find((file) => existsSync(file))

const step = (name: string, how: string, offsets: readonly string[]): Fault => ({
  name,
  expected: `the wall clock ${how}: no slot is late, missed or lost, no node is blamed`,
  needs: ['faketime'],
  async run({ experiment, short }) {
    const folder = mkdtempSync(join(tmpdir(), 'farmprobe-faults-'))
    const stamp = join(folder, 'offset')
    writeFileSync(stamp, '+0\n')
    const env = {
      LD_PRELOAD: fakeTimeLibrary() ?? '',
      FAKETIME_TIMESTAMP_FILE: stamp,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    }
    try {
      return await experiment({ env }, async (farmprobe) => {
        const seen: string[] = []
        for (const offset of offsets) {
          writeFileSync(stamp, `${offset}\n`)
          await sleep(short ? 1500 : 10_000)
          seen.push(await offBy(farmprobe))
        }
        const blamed =
          (await farmprobe.grown('farmprobe_outages_total')) +
          (await farmprobe.grown('farmprobe_recycles_total'))
        if (blamed > 0) throw new Miss('a node was blamed')
        return `its clock was off by ${seen.join(', then ')}; nobody was blamed`
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
})

/** How far the process's wall clock is from ours, by the stamp of its last write of the journal. */
async function offBy(farmprobe: RunningFarmprobe): Promise<string> {
  const stamp = await farmprobe.value('farmprobe_journal_last_write_timestamp_seconds')
  return `${Math.round((stamp - Date.now() / 1000) / 60)} min`
}

export const clockFaults: readonly Fault[] = [
  step('clock-forward', 'jumps an hour forward', ['+3600']),
  step('clock-back', 'jumps an hour back', ['-3600']),
  step('clock-to-and-fro', 'jumps a day back, two forward, and home', ['-86400', '+86400', '+0']),
]
