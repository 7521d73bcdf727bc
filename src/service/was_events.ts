/** Brings what WAS wrote on the nodes to the cross-check: from a folder that is watched, and from nodes that send it. */
import type { Taken, WasReport } from '../crosscheck/written_ends.ts'
import type { WasEvents, WasReading } from '../iis/logs/was_reports.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Clock } from '../runtime/clock.ts'
import { dayMs, formatDuration, secondMs } from '../runtime/duration.ts'
import type { Log } from '../runtime/log.ts'
import { matchingFiles } from '../runtime/matching_files.ts'
import { readOnChange } from '../runtime/read_on_change.ts'
import type { SentEvents, TakenEvents } from '../web/web_ports.ts'

/** Clocks that differ by less are taken for the same: a report takes its time to come. */
const sameClockMs = 2 * secondMs
/** No clock in use differs by more: a time that does is a mistake. */
const mostSkewMs = dayMs
/** What was said of more computers and files is not remembered. */
const mostSaid = 1000
/** Of more computers at once that are no nodes only the number is said. */
const mostStrangers = 20

interface Options {
  readonly clock: Clock
  readonly log: Log
  /** Reads a file, by its path, or what somebody sent. */
  readonly readEvents: (source: string | Uint8Array) => Promise<WasReading>
  readonly metrics: Metrics
  readonly written: (report: WasReport) => Taken
}

export function createWasEvents({ clock, log, metrics, readEvents, written }: Options) {
  /** What was said last of each computer or file. */
  const said = new Map<string, string>()
  let followed: string | undefined
  let watch: { stop(): Promise<void> } | undefined

  function say(of: string, what: string | undefined): void {
    if (said.get(of) === what) return
    said.delete(of)
    if (what === undefined) return
    said.set(of, what)
    const [oldest] = said.keys()
    if (said.size > mostSaid && oldest !== undefined) said.delete(oldest)
    log.warn({ self: 'was', of }, `WAS's events: ${what}`)
  }

  /** `sent`: what a sender says of all of them. */
  function take(computers: readonly WasEvents[], sent: Omit<SentEvents, 'read'> = {}): TakenEvents {
    const taken = { events: 0, fresh: 0, nodes: new Set<string>(), remarks: [] as string[] }
    let strangers = 0
    for (const { computer, ends, firstMs, lastMs } of computers) {
      const { sinceMs = firstMs, untilMs } = sent
      // A computer whose clock is ahead writes events of the future; one that sends its own also says its present time.
      const theirNowMs = (computers.length === 1 && untilMs) || Math.max(lastMs, clock.wallMs())
      const differenceMs = theirNowMs - clock.wallMs()
      const skewMs = Math.abs(differenceMs) < sameClockMs ? 0 : differenceMs
      // Nothing is known of what is to come.
      const toMs = Math.min(untilMs ?? lastMs, clock.wallMs() + skewMs)
      const covered = { fromMs: Math.min(sinceMs, toMs), toMs }
      const isMistaken = Math.abs(skewMs) > mostSkewMs
      const { nodes, fresh } = isMistaken ? nothing : written({ computer, ends, covered, skewMs })
      taken.events += ends.length
      taken.fresh += fresh
      for (const { farm, target, untilMs: knownMs } of nodes) {
        taken.nodes.add(`${farm}/${target}`)
        metrics.set('farmprobe_was_covered_timestamp_seconds', { farm, target }, knownMs / 1000)
      }
      if (nodes.length === 0 && ++strangers > mostStrangers) continue
      const remark = remarkOn(computer, isMistaken || nodes.length > 0, skewMs)
      if (remark !== undefined) taken.remarks.push(remark)
      say(computer, remark)
    }
    if (strangers > mostStrangers)
      taken.remarks.push(`of ${strangers - mostStrangers} more computers nothing is taken either`)
    return { ...taken, nodes: [...taken.nodes] }
  }

  /** Reads the files of a folder from now on, each whenever it has changed; of none when undefined. */
  async function follow(folder: string | undefined): Promise<void> {
    if (folder === followed) return
    followed = folder
    await watch?.stop()
    watch = undefined
    if (folder === undefined) return
    const stamps = new Map<string, string>()
    const onError = ({ message }: Error) => say(folder, `${folder} cannot be watched: ${message}`)
    watch = readOnChange(
      clock,
      { folder, isOurs: (path) => /\.xml$/i.test(path), onError },
      async (isStopped) => {
        const files = await matchingFiles(folder, '**/*.[xX][mM][lL]').catch(onError)
        if (files === undefined) return
        say(folder, files.size === 0 ? `no file *.xml is in ${folder} yet` : undefined)
        for (const file of stamps.keys()) if (!files.has(file)) stamps.delete(file)
        for (const [file, stamp] of files) {
          if (stamps.get(file) === stamp) continue
          const reading = await readEvents(file)
          if (isStopped()) return
          stamps.set(file, stamp)
          say(file, 'why' in reading ? `${file} is not read: ${reading.why}` : undefined)
          if ('computers' in reading) take(reading.computers)
        }
      },
    )
  }

  return {
    /** Takes in what a node sends, or says in a clause why it cannot. */
    async push({ read, ...sent }: SentEvents): Promise<TakenEvents | { readonly why: string }> {
      const reading = await readEvents(await read())
      if ('why' in reading) return reading
      const { computer, untilMs } = sent
      if (reading.computers.length > 0 || computer === undefined || untilMs === undefined)
        return take(reading.computers, sent)
      return take([{ computer, ends: [], firstMs: untilMs, lastMs: untilMs }], sent)
    },
    follow,
    stop: () => follow(undefined),
  }
}

const nothing = { nodes: [], fresh: 0 } as const

function remarkOn(computer: string, isNode: boolean, skewMs: number): string | undefined {
  if (!isNode)
    return `no node that is cross-checked is the computer ${JSON.stringify(computer)}; name it at its node: crosscheck: { computer: ${computer} }`
  if (skewMs === 0) return undefined
  const side = skewMs > 0 ? 'ahead of' : 'behind'
  const isMistaken = Math.abs(skewMs) > mostSkewMs
  const so = isMistaken ? 'of more than a day nothing is taken' : 'times are corrected'
  return `the clock of ${computer} is ${formatDuration(Math.abs(skewMs))} ${side} farmprobe's; ${so}`
}
