/** What the last answer was, and whether it is as the module wants it. */

import type { Answer } from '../probe/exchange/answer.ts'
import type { Findings } from './metrics/findings.ts'
import { contentLengthOf, lastModifiedOf } from './metrics/head_facts.ts'
import type { HttpModule } from './module/module.ts'
import {
  acceptsBody,
  acceptsHeaders,
  acceptsJson,
  acceptsSsl,
  acceptsStatus,
  acceptsVersion,
  type Compile,
  readsJson,
} from './module_expectations.ts'
import type { Exchanged } from './module_hop.ts'
import type { ProbeLog } from './probe_log.ts'
import { readBody } from './read_body.ts'
import type { Visit } from './visit.ts'

/** A probe whose requests are over. */
interface Judged {
  readonly wanted: { readonly module: HttpModule }
  readonly compile: Compile
  readonly findings: Findings
  readonly log: ProbeLog
}

/** Notes what the last answer was, and judges it. */
export async function conclude(run: Judged, { url, method }: Visit, exchanged: Exchanged): Promise<boolean> {
  const { wanted, compile, findings, log } = run
  const { answer, failure, version, headOnly } = exchanged
  const { accept } = wanted.module
  if (answer === undefined) return false
  const ssl = url.protocol === 'https:'
  Object.assign(findings, {
    status: answer.status,
    version,
    ssl,
    contentLength: contentLengthOf(answer, method, headOnly),
  })
  log.info('Received HTTP response', { status_code: answer.status })
  const lastModified = lastModifiedOf(answer)
  if (lastModified !== undefined) findings.lastModified = lastModified
  let success = acceptsStatus(answer.status, accept, log)
  if (success && !acceptsHeaders(answer.headers, accept, compile, log)) {
    findings.failedRegex = true
    success = false
  }
  success =
    (await acceptsContent(run, answer, success && failure === undefined, method === 'HEAD')) && success
  success = acceptsVersion(version, accept, log) && success
  return acceptsSsl(ssl, success, accept, log) && success
}

async function acceptsContent(
  { wanted, compile, findings, log }: Judged,
  answer: Answer,
  success: boolean,
  isHead: boolean,
): Promise<boolean> {
  const { accept } = wanted.module
  const body = await readBody(answer, wanted.module, isHead)
  findings.bodyBytes = body.bytes
  if (body.problem !== undefined) log.error('Error reading HTTP body', { err: body.problem })
  if (body.problem !== undefined || !success) return false
  if (!acceptsBody(body.text, accept, compile, log)) {
    findings.failedRegex = true
    return false
  }
  if (!readsJson(accept)) return true
  findings.failedJson = !acceptsJson(body.text, accept, log)
  return !findings.failedJson
}
