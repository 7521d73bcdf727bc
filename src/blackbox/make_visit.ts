/** One request of a probe: the address, the connection, what is sent and what comes back. */

import { createAnswerReader } from '../probe/exchange/answer.ts'
import { type Failure, isFailure } from '../probe/failure.ts'
import { hideInUrl } from '../secrets/hide.ts'
import type { CookieJar } from './cookie_jar.ts'
import type { Findings } from './metrics/findings.ts'
import type { HttpModule } from './module/module.ts'
import { ask, connect, type Exchanged, type Journey, lookUp } from './module_hop.ts'
import type { ProbeLog } from './probe_log.ts'
import { readLimits } from './read_body.ts'
import { destinationOfVisit, type Visit } from './visit.ts'
import { writeRequest } from './write_request.ts'

/** A probe that has found its target's address. */
export interface Traveller {
  readonly wanted: { readonly module: HttpModule }
  readonly log: ProbeLog
  readonly findings: Findings
  readonly first: URL
  readonly journey: Journey
  readonly jar: Pick<CookieJar, 'pairsFor'>
  /** The Host to send to the target, where it is not that of the URL. */
  readonly host: string | undefined
  /** Of the target. */
  readonly address: string
}

/** Makes the request of a visit on a connection of its own; rejects only when the probe is aborted. */
export async function makeVisit(run: Traveller, visit: Visit): Promise<Exchanged> {
  const { wanted, first, journey, log, findings } = run
  const { module } = wanted
  const destination = destinationOfVisit(visit, first)
  if (destination === undefined) throw new Error('a visit without a destination')
  const ip = visit.pinned ? run.address : await lookUpNext(run, destination.host)
  if (isFailed(ip)) return noAnswer(ip)
  findings.requested = true
  const ownHost = visit.pinned ? run.host : undefined
  const host = ownHost ?? visit.url.host
  log.info('Making HTTP request', { url: hideInUrl(visit.url.href), host })
  const asked = visit.pinned ? (module.tls.serverName ?? hostnameOf(host)) : visit.url.hostname
  const serverName = destination.scheme === 'https' ? asked.replace(/^\[|\]$/g, '') : undefined
  const connection = await connect(journey, { ip, port: destination.port, serverName })
  if (isFailure(connection)) return noAnswer(connection)
  const cookies = run.jar.pairsFor(visit.url)
  const request = writeRequest({ module, material: journey.material, visit, host, cookies })
  return ask(journey, connection, request, createAnswerReader(readLimits(module)))
}

const noAnswer = (failure: Failure): Exchanged => ({
  answer: undefined,
  failure,
  version: 0,
  headOnly: false,
})

const isFailed = (ip: string | Failure): ip is Failure => typeof ip !== 'string'

/** The host alone, of a Host header that may have a port. */
export const hostnameOf = (host: string) => new URL(`http://${host}`).hostname

async function lookUpNext({ journey }: Traveller, host: string): Promise<string | Failure> {
  const found = await lookUp(journey, host)
  return typeof found === 'string' ? { reason: 'dns', detail: found } : found.address
}
