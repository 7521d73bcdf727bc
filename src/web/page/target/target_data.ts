/** The data that the page of a target shows: read from the API, kept up to date by the stream. */
import { useEffect, useState } from 'preact/hooks'
import { type Batch, type Failure, get, messageOf, type Series } from '../state/api_client.ts'
import { concerns, type FeedEntry, isOfCheck, mergeFeed } from '../state/feed.ts'
import type { Range } from '../state/ranges.ts'
import { after, type Cancel, now } from '../state/server_clock.ts'
import { onBatch } from '../state/stream_client.ts'

export interface Subject {
  readonly farm: string
  readonly target: string
  /** Undefined for a target that no check probes. */
  readonly check: string | undefined
}

export interface TargetData {
  readonly range: Range
  readonly series: Series
  readonly feed: readonly FeedEntry[]
  readonly failures: readonly Failure[]
}

/** How often everything is read again; single probes come by the stream in between. */
const refreshMs = 15_000
const retryMs = 3000
/** How long to wait after an event or a failure, because more may follow at once. */
const soonMs = 1000

export function useTargetData({ farm, target, check }: Subject, range: Range) {
  const [data, setData] = useState<TargetData>()
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    const leaving = new AbortController()
    let cancel: Cancel | undefined
    let dueMs = Number.POSITIVE_INFINITY
    const readIn = (delayMs: number) => {
      if (now() + delayMs >= dueMs) return
      cancel?.()
      dueMs = now() + delayMs
      cancel = after(delayMs, read)
    }
    const read = async () => {
      dueMs = Number.POSITIVE_INFINITY
      try {
        const answer = await readTarget({ farm, target, check }, range, leaving.signal)
        if (leaving.signal.aborted) return
        setData(answer)
        setProblem(undefined)
        readIn(refreshMs)
      } catch (error) {
        if (leaving.signal.aborted) return
        setProblem(`This could not be read: ${messageOf(error)}`)
        readIn(retryMs)
      }
    }
    void read()
    const stop = onBatch((batch) => {
      const news = aboutTarget(batch, { farm, target, check })
      const entries = news.events.length + news.marks.length
      if (news.probes.length + entries === 0) return
      setData((before) => before && withNews(before, news))
      if (entries > 0 || news.probes.some(({ proof }) => proof === 'failure')) readIn(soonMs)
    })
    return () => {
      leaving.abort()
      cancel?.()
      stop()
    }
  }, [farm, target, check, range.name])
  return { data, problem }
}

async function readTarget({ farm, target, check }: Subject, range: Range, signal: AbortSignal) {
  const asked = { farm, target, since: range.name }
  const [series, { events, blind }, { marks }, { failures }] = await Promise.all([
    get('series', { ...asked, check }, signal),
    get('events', { ...asked, limit: 2000 }, signal),
    get('marks', asked, signal),
    get('failures', { ...asked, check, limit: 30 }, signal),
  ])
  const feed = mergeFeed(events, marks, blind).filter((entry) => isOfCheck(entry, check))
  return { range, series, feed, failures }
}

const aboutTarget = ({ probes, events, marks }: Batch, { farm, target, check }: Subject) => ({
  probes: probes.filter((probe) => probe.farm === farm && probe.target === target && probe.check === check),
  events: events.filter((event) => concerns(event, farm, target) && isOfCheck(event, check)),
  marks: marks.filter((mark) => concerns(mark, farm, target)),
})

const withNews = (data: TargetData, { probes, events, marks }: ReturnType<typeof aboutTarget>) => ({
  ...data,
  series: { ...data.series, probes: [...data.series.probes, ...probes] },
  feed: mergeFeed([...data.feed, ...events], marks),
})
