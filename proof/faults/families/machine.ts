/** A machine that has too little for everybody. */
import { type ChildProcess, spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { total } from '../../../test/support/rules/exposition.ts'
import { startTargets } from '../../bench/targets.ts'
import { type Fault, Miss } from '../fault.ts'
import { countingSlack, courseBetween } from '../support/healthy_farm.ts'
import { words } from '../support/probe_results.ts'

/** Fifty probes a second, beside the ten of the healthy farm. */
const busy = { farm: 'busy', intervalMs: 100, targets: 5 }

const busyFarm = (port: number) => ({
  name: busy.farm,
  url: `http://busy.test:${port}`,
  address: `127.2.0.1:${port}`,
  nodes: [2, 3, 4, 5].map((host) => ({ name: `web0${host}`, address: `127.2.0.${host}:${port}` })),
  checks: [{ name: 'home', path: '/', interval: `${busy.intervalMs}ms`, timeout: '5s' }],
})

/** Processes that want a core each, and end by themselves. */
const startHogs = (count: number, forMs: number): ChildProcess[] =>
  Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', `for (const end = Date.now() + ${forMs}; Date.now() < end;);`], {
      stdio: 'ignore',
    }),
  )

const starved: Fault = {
  name: 'machine-starved',
  expected:
    'a program on each core that never rests: no outage, and no probe more than asked; slots missed are counted',
  alone: true,
  async run({ experiment, short }) {
    await using targets = await startTargets('fast')
    const farms = [busyFarm(targets.port)]
    return await experiment({ farms, allow: { missed: true } }, async (farmprobe) => {
      // What is usual has to be known before anything can be unusual.
      await sleep(5000)
      const from = await farmprobe.scraper.read()
      const forMs = short ? 15_000 : 60_000
      const hogs = startHogs(availableParallelism(), forMs + 30_000)
      try {
        await sleep(forMs)
      } finally {
        for (const hog of hogs) hog.kill('SIGKILL')
      }
      const to = await farmprobe.scraper.read()
      const grown = (name: string, labels = {}) =>
        total(to.samples, name, labels) - total(from.samples, name, labels)
      const { due, probed, missed, failed } = courseBetween(from, to, busy)
      const extra = ['burst', 'sweep'].reduce(
        (sum, lane) => sum + grown('farmprobe_probes_total', { lane }),
        0,
      )
      const seen = `of ${Math.round(due)} slots ${probed} probed and ${missed} missed, ${extra} probes more, ${grown('farmprobe_suspect_samples_total')} samples suspect${Object.keys(failed).length === 0 ? '' : `; ${words(failed)}`}`
      const outages = grown('farmprobe_outages_total')
      if (outages > 0 || extra > 0 || probed > due + countingSlack)
        throw new Miss(`${seen}; ${outages} outages`)
      return seen
    })
  },
}

export const machineFaults: readonly Fault[] = [starved]
