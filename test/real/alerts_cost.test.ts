/** What the rules cost a real Prometheus, in seconds of CPU: a busy machine makes everything last longer, not cost more. */
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { binaryPath, suiteWith } from '../support/processes/real_binaries.ts'
import { startProcess } from '../support/processes/real_process.ts'
import { storedFarms } from '../support/rules/many_farms.ts'
import { alertRules, recordingRules, tool } from '../support/rules/rule_files.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { tempDir } from '../support/temp_dir.ts'

const farms = 40
/** For 1,000 farms of ten targets. */
const promisedSeconds = 5
const rounds = 10
const at = Date.parse('2026-10-01T12:00:00Z') / 1000

/** What a process has used so far; the kernel counts in hundredths of a second. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

suiteWith('prometheus', 'promtool')('Prometheus', () => {
  test(`evaluates all rules for 1,000 farms of ten targets in ${promisedSeconds} s of CPU`, {
    timeout: 180_000,
  }, async () => {
    await using dir = await tempDir()
    await writeFile(`${dir.path}/farms.om`, storedFarms(farms, at))
    const imports = ['create-blocks-from', '--max-block-duration=744h', 'openmetrics']
    const imported = await tool('promtool', 'tsdb', ...imports, `${dir.path}/farms.om`, `${dir.path}/data`)
    expect(imported).toMatchObject({ ok: true })

    const port = await freePort()
    const args = [
      `--config.file=${await dir.write('config.yaml', 'global: {}')}`,
      `--storage.tsdb.path=${dir.path}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--storage.tsdb.retention.time=10y',
      '--log.level=warn',
    ]
    await using prometheus = await startProcess({
      command: binaryPath('prometheus') ?? 'prometheus',
      args,
      port,
    })
    const ask = async (query: string, time = at) => {
      const body = new URLSearchParams({ query, time: `${time}` })
      const response = await fetch(`http://127.0.0.1:${port}/api/v1/query`, { method: 'POST', body })
      return (await response.json()) as { data?: { result: unknown[] }; error?: string }
    }
    const costOfRules = async (time: number) => {
      const started = cpuSeconds(prometheus.pid)
      for (let round = 0; round < rounds; round++)
        for (const { expr } of [...recordingRules, ...alertRules])
          expect(await ask(expr, time)).not.toHaveProperty('error')
      return (cpuSeconds(prometheus.pid) - started) / rounds
    }
    await eventually(
      'Prometheus being ready',
      () => fetch(`http://127.0.0.1:${port}/-/ready`),
      ({ ok }) => ok,
    )

    const without: string[] = []
    for (const { record, expr, labels } of recordingRules) {
      const now = (await ask(expr)).data?.result.length
      const before = (await ask(record)).data?.result.length
      if (labels === undefined && now !== 0 && before === 0) without.push(record)
    }
    // Found by looking back an hour; it does not look at what it recorded before.
    expect(without, 'recorded, but without a history to look back over').toEqual([
      'farm_target:farmprobe_node_failing:ratio',
    ])

    // The requests themselves cost something too, which 1,000 farms do not cost more often: a month ago there was none.
    const seconds = (((await costOfRules(at)) - (await costOfRules(at - 30 * 86_400))) * 1000) / farms
    console.log(`all rules for 1,000 farms of ten targets: ${seconds.toFixed(2)} s of CPU an evaluation`)
    expect(seconds).toBeLessThanOrEqual(promisedSeconds)
  })
})
