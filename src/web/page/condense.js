/** A story in fewer words: what is said twice is said once. The page of events tells everything. */

/** An error of the balancer and the outage it makes belong together when they are this close. */
const closeMs = 5000

/** Takes and gives events, the newest first. */
export function condense(story) {
  const errors = story.filter(({ kind }) => kind === 'balancer_error')
  const told = []
  for (const event of story) {
    if (isSaidByErrors(event, errors) || isFlap(event) || isAgreement(event)) continue
    const before = told.at(-1)
    if (before !== undefined && isSame(before, event)) told[told.length - 1] = grouped(before, event)
    else told.push(event)
  }
  return told
}

/** An outage of the balancer whose errors are told with their cause. */
function isSaidByErrors(event, errors) {
  if (event.target !== 'balancer' || !event.kind.startsWith('outage_')) return false
  const endMs = event.atMs + (event.lengthMs ?? 0)
  return errors.some(
    ({ atMs, check }) => check === event.check && atMs > event.atMs - closeMs && atMs < endMs + closeMs,
  )
}

/** From one kind of trouble to another and back: what matters is when all was well, and when nothing answered. */
const isFlap = ({ kind, verdict, previous }) =>
  kind === 'verdict' && verdict !== 'ok' && previous !== 'ok' && verdict !== 'farm_down'

/** A recycle that both sides saw has been told by the one outside. */
const isAgreement = ({ kind, seen }) => kind === 'crosscheck' && seen === 'both'

const isSame = (one, other) =>
  one.kind === 'balancer_error' &&
  other.kind === 'balancer_error' &&
  ['farm', 'check', 'node', 'cause', 'status'].every((field) => one[field] === other[field])

/** One event for several; its id changes with their number, so that it is drawn anew. */
function grouped(before, event) {
  const times = (before.times ?? 1) + 1
  const first = before.first ?? before
  return { ...first, first, times, id: `${event.id}*${times}`, sentence: `${times} × ${first.sentence}` }
}
