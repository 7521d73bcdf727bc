/** The feed: events, marks and the times without data, in one order. */
import type { Answer, FarmEvent, Mark } from './api_client.ts'

type Blind = Answer<'events'>['blind'][number]

export type FeedEntry =
  | FarmEvent
  | (Mark & { readonly kind: 'mark'; readonly sentence: string })
  | (Blind & { readonly kind: 'blind'; readonly id: string })

/** One feed of all, the oldest first; of entries with the same id the last is taken. */
export function mergeFeed(
  events: readonly FeedEntry[],
  marks: readonly Mark[],
  blind: readonly Blind[] = [],
): FeedEntry[] {
  const all: FeedEntry[] = [
    ...events,
    ...marks.map((mark) => ({ ...mark, kind: 'mark' as const, sentence: mark.text })),
    ...blind.map((each) => ({
      ...each,
      kind: 'blind' as const,
      id: `${each.atMs}.blind.${each.farm ?? ''}`,
    })),
  ]
  return [...new Map(all.map((entry) => [entry.id, entry])).values()].sort((a, b) => a.atMs - b.atMs)
}

export const ofKind = <Kind extends FeedEntry['kind']>(
  feed: readonly FeedEntry[],
  kind: Kind,
): Extract<FeedEntry, { kind: Kind }>[] =>
  feed.filter((entry): entry is Extract<FeedEntry, { kind: Kind }> => entry.kind === kind)

/** Whether an event or a mark concerns a farm and a target; undefined stands for any. */
export function concerns(one: FarmEvent | Mark, farm: string | undefined, target: string | undefined) {
  if (farm !== undefined && one.farm !== undefined && one.farm !== farm) return false
  if (target === undefined || ('text' in one && one.target === undefined)) return true
  return (
    ('target' in one && one.target === target) ||
    ('node' in one && (one.node === target || target === 'balancer')) ||
    ('targets' in one && one.targets.includes(target))
  )
}

/** Whether an entry concerns a check: many, such as recycles, are of no check alone. */
export const isOfCheck = (entry: FeedEntry, check: string | undefined): boolean =>
  check === undefined || !('check' in entry) || entry.check === check

/** Balancer errors and an outage of the balancer belong together when they are this close. */
const closeMs = 5000

/** A feed in fewer entries, the newest first: repetitions are left out or counted. The events page shows all entries. */
export function condense(feed: readonly FeedEntry[]): FeedEntry[] {
  const errors = ofKind(feed, 'balancer_error')
  const kept: (FeedEntry & { readonly first?: FeedEntry; readonly times?: number })[] = []
  for (const entry of feed.toReversed()) {
    if (isCoveredByErrors(entry, errors) || isBetweenTroubles(entry) || isAgreement(entry)) continue
    const later = kept.at(-1)
    if (later === undefined || !isSameError(later, entry)) {
      kept.push(entry)
      continue
    }
    const { first = later, times = 1 } = later
    const sentence = `${times + 1} × ${first.sentence}`
    kept[kept.length - 1] = { ...first, first, times: times + 1, id: `${entry.id}*${times + 1}`, sentence }
  }
  return kept
}

type BalancerError = Extract<FeedEntry, { kind: 'balancer_error' }>

/** An outage of the balancer: its errors are in the feed, with their cause. */
function isCoveredByErrors(entry: FeedEntry, errors: readonly BalancerError[]): boolean {
  if (entry.kind !== 'outage_opened' && entry.kind !== 'outage_closed') return false
  const endMs = entry.atMs + ('lengthMs' in entry ? entry.lengthMs : 0)
  return (
    entry.target === 'balancer' &&
    errors.some(
      ({ atMs, check }) => check === entry.check && atMs > entry.atMs - closeMs && atMs < endMs + closeMs,
    )
  )
}

/** A verdict that changes from one kind of trouble to another, unless from now on nothing answers. */
const isBetweenTroubles = (entry: FeedEntry) =>
  entry.kind === 'verdict' &&
  entry.verdict !== 'ok' &&
  entry.previous !== 'ok' &&
  entry.verdict !== 'farm_down'

/** A recycle that both sides saw, and nobody says why: it is in the feed as a recycle. */
const isAgreement = (entry: FeedEntry) =>
  entry.kind === 'crosscheck' && entry.seen === 'both' && entry.inside?.was === undefined

const isSameError = (one: FeedEntry, other: FeedEntry) =>
  one.kind === 'balancer_error' &&
  other.kind === 'balancer_error' &&
  (['farm', 'check', 'node', 'cause', 'status'] as const).every((field) => one[field] === other[field])
