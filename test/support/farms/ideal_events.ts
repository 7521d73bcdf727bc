/** What imaginary detectors would have reported of a watched farm. */

import { ofKind } from '../../../proof/truth/scores/scored_window.ts'
import type { Watched } from '../../../proof/truth/simulated/watch_farm.ts'
import type { FarmEvent } from '../../../src/model/event.ts'

const plain = { farm: 'farm', maintenance: false } as const

/** The same farm, watched by somebody who reported something else. */
export const withEvents = (watched: Watched, events: readonly FarmEvent[]): Watched => ({
  ...watched,
  events,
})

/** Somebody who tells exactly what happened. */
export function idealEvents(watched: Watched): FarmEvent[] {
  const { truth, record } = watched
  return [
    ...ofKind(truth, 'recycle').map(
      ({ atMs, node }): FarmEvent => ({
        ...plain,
        kind: 'recycle',
        atMs,
        target: node,
        evidence: 'identity',
        confidence: 1,
      }),
    ),
    ...record.outages.map(
      ({ truth: { atMs, toMs, target }, firstMs = atMs }): FarmEvent => ({
        ...plain,
        kind: 'outage_closed',
        atMs: firstMs,
        role: target === 'balancer' ? 'balancer' : 'node',
        target,
        check: 'home',
        reason: 'refused',
        lengthMs: toMs - firstMs,
        failures: {},
      }),
    ),
    ...ofKind(truth, 'balancer_error').map(
      ({ atMs, id, status, node, cause, firstByteMs }): FarmEvent => ({
        ...plain,
        kind: 'balancer_error',
        atMs,
        check: 'home',
        id,
        lane: 'tick',
        status,
        origin: 'unknown',
        firstByteMs,
        node,
        cause,
      }),
    ),
    ...record.coldWaits.flatMap(({ truth: { atMs, node }, measured }): FarmEvent[] =>
      measured === undefined
        ? []
        : [
            {
              ...plain,
              kind: 'first_request',
              atMs,
              target: node,
              check: measured.check,
              firstByteMs: measured.ms,
              reason: 'ok',
            },
          ],
    ),
  ]
}

/** The same, dated otherwise. */
export const shifted = (events: readonly FarmEvent[], byMs: number): FarmEvent[] =>
  events.map((event) => ({ ...event, atMs: event.atMs + byMs }))
