/** When a target was really in trouble: an alarm in such a window is not false, whatever it names as the reason. */
import { balancerName } from '../../../src/model/farm.ts'
import type { TruthEvent } from '../../../src/simulator/farm/true_events.ts'
import { joined, type Window } from './windows.ts'

/** How long before a trouble, and after it, requests may fail because of it, in milliseconds. */
const slackMs = 15_000

/** For the resolution of clocks and for the network, in milliseconds. */
const nearMs = 1000

interface Place extends Window {
  readonly target: string
}

/**
 * Windows of trouble by target: outages, new workers from their start until they are warm, cold paths and waking
 * workers, applications that shut down, errors of the balancer. A node's trouble counts for the balancer too. `ownFault`
 * has the ids of errors that may be the prober's own.
 */
export function troubleWindows(
  truth: readonly TruthEvent[],
  ownFault: ReadonlySet<string> = new Set(),
): (target: string) => readonly Window[] {
  const places = truth.flatMap((event) =>
    event.kind === 'balancer_error' && ownFault.has(event.id) ? [] : placesOf(event),
  )
  const byTarget = new Map<string, readonly Window[]>()
  return (target) => {
    const known = byTarget.get(target)
    if (known !== undefined) return known
    const own = joined(places.filter((place) => target === balancerName || place.target === target))
    byTarget.set(target, own)
    return own
  }
}

/** Stalls of the prober and a bad network, with the time after them: failures then are no node's fault. */
export function blamelessTimes(truth: readonly TruthEvent[]): readonly Window[] {
  const spans = truth.filter((event) => event.kind === 'stall' || event.kind === 'weather')
  return joined(spans.map(({ atMs, toMs }) => ({ fromMs: atMs - slackMs, toMs: toMs + slackMs })))
}

function placesOf(event: TruthEvent): Place[] {
  if (event.kind === 'outage') return [place(event.target, event.atMs, event.toMs)]
  if (event.kind === 'recycle')
    return [place(event.node, event.atMs - slackMs, event.servesMs + event.coldMs + slackMs)]
  if (event.kind === 'first_request') return [place(event.node, event.atMs, event.atMs + event.ms + slackMs)]
  if (event.kind === 'shutdown_notice') return [place(event.node, event.atMs, event.toMs)]
  if (event.kind === 'balancer_error') return [place(balancerName, event.atMs, event.atMs)]
  return []
}

const place = (target: string, fromMs: number, toMs: number): Place => ({
  target,
  fromMs: fromMs - nearMs,
  toMs: toMs + nearMs,
})
