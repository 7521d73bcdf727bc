/** What a conclusion rests on: sentences, each with the lines of the logs that say so. */
import { formatSpan } from '../../runtime/duration.ts'
import { greatest } from '../../runtime/extremes.ts'
import type { Blame } from './blame.ts'
import type { Failure, How, Where } from './failed_request.ts'
import type { Evidence } from './log_evidence.ts'

export interface Proof {
  /** Without a full stop. */
  readonly sentence: string
  /** Some of the lines that say it. */
  readonly where: readonly Where[]
  /** How many there are. */
  readonly lines: number
}

const mostLines = 5

const proof = (sentence: string, where: readonly Where[]): Proof => ({
  sentence,
  where: where.slice(0, mostLines),
  lines: where.length,
})

/** What the balancer says with a code. */
const meanings: Readonly<Record<How, (failures: readonly Failure[]) => string>> = {
  timed_out: (all) =>
    `the balancer waited ${formatSpan(greatest(all.map(({ takenMs }) => takenMs)))} for the node in vain`,
  refused: () => 'the balancer could not connect to the node',
  died: (all) =>
    `the node closed the connection before it answered, after ${formatSpan(greatest(all.map(({ takenMs }) => takenMs)))}${all.length > 1 ? ' at most' : ''}`,
  cut_off: () => "the node's answer was cut off or malformed",
  tls: () => 'TLS to the node failed',
  unresolved: () => "the node's name could not be resolved",
  none_healthy: () => 'the balancer had no healthy server in the farm',
  queue_full: () => 'too many requests were waiting',
  answered: () => 'a node answered it itself',
  other: () => 'the balancer gives no more than this code',
  client_left: () => 'the client went away',
}

export function proofsOf(blames: readonly Blame[], { farm: _farm, ...evidence }: Evidence): Proof[] {
  const failures = blames.map(({ failure }) => failure)
  const events = [...new Set(blames.flatMap(({ event }) => event ?? []))]
  const stalls = [...new Set(blames.flatMap(({ stall }) => stall ?? []))]
  const errors = [...new Set(blames.flatMap(({ httpError }) => httpError ?? []))]
  const seen = failures.flatMap((each) =>
    each.seen.filter(({ by }) => by === 'id' || by === 'request').slice(0, 1),
  )
  const traced = failures
    .flatMap((each) => each.seen.filter(({ by }) => by === 'trace').slice(0, 1))
    .slice(0, mostLines)
  return [
    ...[...Map.groupBy(failures, ({ code }) => code)].map(([code, all]) =>
      proof(
        `${all.reduce((sum, { count }) => sum + count, 0)} × ${code}: ${meanings[(all[0] as Failure).how](all)}`,
        all.map(({ where }) => where),
      ),
    ),
    ...events.map((event) =>
      proof(
        `${event.computer}${event.pool === '' ? '' : `, pool ${event.pool}`}: ${event.what} at ${time(event.atMs)} (event ${event.id})`,
        [event],
      ),
    ),
    ...stalls.map(({ node, fromMs, toMs, requests }) =>
      proof(
        `${node} answered nobody for ${formatSpan(toMs - fromMs)}: ${requests.length} of its requests ended together at ${time(toMs)}`,
        requests.map(({ where }) => where),
      ),
    ),
    ...[...Map.groupBy(errors, ({ node, reason }) => `${node}: HTTP.sys notes ${reason}`)].map(
      ([said, all]) =>
        proof(
          said,
          all.map(({ where }) => where),
        ),
    ),
    ...traced.map((each) =>
      proof(`a failed request trace says that it was sent to ${each.node}`, [each.where]),
    ),
    ...(seen.length === 0
      ? []
      : [
          proof(
            `${[...new Set(seen.map(({ node }) => node))].join(', ')} logged ${seen.length} of these requests itself (${[...new Set(seen.map(({ code }) => code))].slice(0, 3).join(', ')}), up to ${formatSpan(greatest(seen.map(({ startMs, endMs }) => endMs - startMs)))} long`,
            seen.map(({ where }) => where),
          ),
        ]),
    ...silence(blames, evidence.nodes.length),
  ]
}

/** A node is known and nothing else says so: it was the only one that was sent nothing meanwhile. */
function silence(blames: readonly Blame[], nodes: number): Proof[] {
  const silent = blames.filter(
    ({ node, failure, stall, event, httpError }) =>
      node !== undefined && failure.seen.length === 0 && (stall ?? event ?? httpError) === undefined,
  )
  const [one] = silent
  return one?.node === undefined || one.node === 'balancer' || nodes < 2
    ? []
    : [proof(`${one.node} alone was sent nothing meanwhile`, [])]
}

/** `08:14:11` UTC. */
const time = (atMs: number): string => `${new Date(atMs).toISOString().slice(11, 19)} UTC`
