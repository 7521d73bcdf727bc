/** The results as a table for a terminal, as the page docs/faults.md, and as vitest's JSON report. */
import { machineLine } from '../machine.ts'
import { asMarkdown, asText } from '../truth/tables/print_table.ts'
import type { Fault } from './fault.ts'
import type { Row } from './run_all.ts'

const heading = ['fault', 'expected', 'seen', 'afterwards', 'verdict']

export const isMissed = ({ result }: Row) => result !== undefined && result.misses.length > 0

const cells = (row: Row) => [
  row.fault.name,
  row.fault.expected,
  row.result?.seen ?? '',
  row.result?.after ?? '',
  verdict(row),
]

function verdict({ result, missing, before }: Row): string {
  if (result === undefined) return `not run: it needs ${missing.join(' and ')}`
  if (result.misses.length > 0) return `MISSED: ${result.misses.join('; ')}`
  return before === undefined
    ? 'as expected'
    : `as expected at the second try; at the first ${before.join('; ')}`
}

export const asTable = (rows: readonly Row[]) =>
  `${asText({ heading, rows: rows.map(cells) })}\n\n${sumOf(rows)}`

function sumOf(rows: readonly Row[]): string {
  const missed = rows.filter(isMissed).length
  const notRun = rows.filter(({ result }) => result === undefined).length
  const sum = `${rows.length} faults, ${rows.length - missed - notRun} as expected, ${missed} missed`
  return notRun === 0 ? sum : `${sum}, ${notRun} not run`
}

const titles: Readonly<Record<string, string>> = {
  targets: 'Targets that fail',
  bodies: 'Bodies that keep it busy',
  tls: 'TLS of all bad kinds',
  dns: 'DNS that fails, flaps, lies, is slow',
  prober: "The process's own threads",
  resources: 'Descriptors, memory, disk',
  clock: 'The wall clock',
  config: 'Configuration and files of targets',
  load: 'Much at once',
  attacks: 'Attacks, and damaged data',
  machine: 'A machine that has too little',
}

/** The page docs/faults.md. */
export function asPage(rows: readonly Row[], families: Readonly<Record<string, readonly Fault[]>>): string {
  const parts = Object.entries(families).flatMap(([family, faults]) => {
    const own = rows.filter(({ fault }) => faults.includes(fault))
    if (own.length === 0) return []
    return [`## ${titles[family] ?? family}\n\n${textsAsMarkdown(own)}`]
  })
  return [introduction, ...parts, `${sumOf(rows)}. Measured on ${machineLine()}.`, limits].join('\n\n')
}

/** Aligned to the left: these are texts, not figures. */
const textsAsMarkdown = (rows: readonly Row[]) =>
  asMarkdown({ heading, rows: rows.map(cells) }).replaceAll('--:', '---')

const introduction = `# Faults

<!-- Generated: npm run faults -- --markdown > docs/faults.md -->

\`npm run faults\` breaks things around a real \`farmprobe run\`, one fault in each process, and checks what happens.
\`--short\` is the form for CI, \`--fault NAME\` runs one or a family, \`--json\` prints everything, \`--parallel N\` sets how many
faults are injected at a time, each into a process of its own. The exit code is 1 when anything is not as expected.

Besides what is broken, each process probes a healthy farm of five targets, twice a second. After each fault this must hold:

- every slot of the healthy farm was probed or counted as missed, and none was missed unless the fault takes the prober itself;
- its probes were ok: no fault elsewhere is blamed on a healthy node;
- 90 % of probes start within 50 ms of their slot again, within a few seconds;
- no counter ever fell, in a scrape every half second;
- what lives after a garbage collection grew by 8 MiB at most, and resident memory by 64 MiB; a fault that leaves more to
  remember, such as 10,000 outages, has a bound of its own, in its file in \`proof/faults/families/\`;
- there are no more descriptors and no more threads than before;
- the log has no stack trace and no warning of Node's;
- changes over HTTP, which are not enabled, are refused as before;
- SIGTERM ends the process with 0 within 5 s.

What is not as expected is tried once more, alone, and the table says so: on a busy machine a slot can be missed for want of a
processor. Threads are ended, loops blocked and memory measured through Node's inspector: farmprobe itself has no hook for any of this.`

const limits = `## What is not done here

- The wall clock is faked by libfaketime inside the process: the kernel's own clock, and with it TLS libraries of other
  processes, is never set. A clock that is *slewed* is not tried.
- The machine's memory is not used up: the limit is that of V8's heap. The kernel's out-of-memory killer ends a process
  without a word; what that leaves behind is the test of killed journals (\`test/journal/kill.test.ts\`).
- The full disk is a real file system of 2 MiB. A disk that returns errors on reading, or hangs, is not tried.
- "Prometheus gone for an hour" is as many probes as an hour of five targets makes, in a shorter time.
- DNS over TCP, DNSSEC and several name servers are the C library's business and are not tried.`

/** In the form of vitest's JSON reports, for .ci/summary.mjs. */
export function asReport(rows: readonly Row[]): object {
  const assertionResults = rows.map((row) => ({
    title: row.fault.name,
    fullName: `${row.fault.name}: ${row.fault.expected}`,
    status: row.result === undefined ? 'pending' : isMissed(row) ? 'failed' : 'passed',
    duration: Math.round(row.tookMs),
    failureMessages: row.result?.misses ?? [],
  }))
  const count = (status: string) => assertionResults.filter((each) => each.status === status).length
  const success = count('failed') === 0
  return {
    numTotalTests: rows.length,
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending'),
    success,
    testResults: [{ name: 'faults', status: success ? 'passed' : 'failed', assertionResults }],
  }
}
