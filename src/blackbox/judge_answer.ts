/** Whether the last answer is as the module wants it, in the exporter's order. */
import type { Deadline } from '../probe/deadline.ts'
import { type Answer, utf8Of, valuesOf } from '../probe/exchange/answer.ts'
import type { Compile } from '../runtime/regexp.ts'
import type { ProbeResult } from './metrics/probe_metrics.ts'
import { jsonProblem } from './module/cel_rule.ts'
import { type HeaderRule, type HttpModule, readsJson } from './module/module.ts'
import type { ModuleRequest } from './module_request.ts'
import type { ProbeLog } from './probe_log.ts'
import { type Body, readBody } from './read_body.ts'

/** What the judgement uses, and where it notes what it finds. */
interface Judging {
  readonly module: HttpModule
  readonly compile: Compile
  readonly deadline: Deadline
  readonly result: ProbeResult
  readonly log: ProbeLog
}

/** Notes what the last answer is, and judges it; `whole`: it came to its end. */
export async function judgeAnswer(
  judging: Judging,
  { url, method }: ModuleRequest,
  answer: Answer,
  whole: boolean,
): Promise<boolean> {
  const { module, result, log } = judging
  result.status = answer.status
  result.version = answer.version
  result.ssl = url.protocol === 'https:'
  result.contentLength = contentLengthOf(answer, method)
  log.info('Received HTTP response', { status_code: answer.status })
  const lastModified = lastModifiedOf(answer)
  if (lastModified !== undefined) result.lastModified = lastModified
  let success = acceptsStatus(answer.status, module, log)
  if (success && !acceptsHeaders(answer, judging)) {
    result.failedRegex = true
    success = false
  }
  const body = await readBody(answer, module, method === 'HEAD', judging.deadline)
  result.bodyBytes = body.bytes
  if (body.problem !== undefined) log.error('Error reading HTTP body', { err: body.problem })
  success &&= whole && body.problem === undefined && acceptsBody(body, judging)
  success = acceptsVersion(answer.version, module, log) && success
  return acceptsSsl(result.ssl, success, module, log) && success
}

function acceptsStatus(status: number, { statusCodes }: HttpModule, log: ProbeLog): boolean {
  const wanted = statusCodes.length === 0 ? '2xx' : statusCodes.join(', ')
  if (statusCodes.length === 0 ? status >= 200 && status < 300 : statusCodes.includes(status)) return true
  log.info(`Invalid HTTP response status code, wanted ${wanted}`, { status_code: status })
  return false
}

function acceptsHeaders({ headers }: Answer, { module, compile, log }: Judging): boolean {
  const { failIfHeader, failIfNotHeader } = module
  const breaks = (rule: HeaderRule, isBad: (values: readonly string[]) => boolean, verb: string) => {
    const values = valuesOf(headers, rule.header)
    if (values.length === 0) {
      if (!rule.allowMissing) log.error('Missing required header', { header: rule.header })
      return !rule.allowMissing
    }
    if (!isBad(values)) return false
    log.error(`Header ${verb} regular expression`, { header: rule.header, regexp: rule.regexp })
    return true
  }
  const matching =
    ({ regexp }: HeaderRule) =>
    (value: string) =>
      compile(regexp).test(utf8Of(value))
  return (
    !failIfHeader.some((rule) => breaks(rule, (values) => values.some(matching(rule)), 'matched')) &&
    !failIfNotHeader.some((rule) => breaks(rule, (values) => !values.some(matching(rule)), 'did not match'))
  )
}

/** Judges the text by expressions, and then, if it passes, by rules on JSON. */
function acceptsBody({ text }: Body, { module, compile, result, log }: Judging): boolean {
  const { failIfBody, failIfNotBody } = module
  const matched = failIfBody.find((source) => compile(source).test(text))
  if (matched !== undefined) log.error('Body matched regular expression', { regexp: matched })
  const missed = failIfNotBody.find((source) => !compile(source).test(text))
  if (missed !== undefined) log.error('Body did not match regular expression', { regexp: missed })
  if (matched !== undefined || missed !== undefined) {
    result.failedRegex = true
    return false
  }
  if (!readsJson(module)) return true
  result.failedJson = !acceptsJson(text, module, log)
  return !result.failedJson
}

function acceptsJson(text: string, { failIfJson, failIfNotJson }: HttpModule, log: ProbeLog): boolean {
  const problems = [
    failIfJson && jsonProblem(text, failIfJson, true),
    failIfNotJson && jsonProblem(text, failIfNotJson, false),
  ].filter((problem) => problem !== undefined)
  for (const problem of problems) log.error('Body broke a CEL rule', { why: problem })
  return problems.length === 0
}

function acceptsVersion(version: number, { versions }: HttpModule, log: ProbeLog): boolean {
  const written = `HTTP/${version.toFixed(1)}`
  if (versions.length === 0 || versions.includes(written)) return true
  log.error('Invalid HTTP version number', { version: written })
  return false
}

/** `success`: nothing is wrong so far; that TLS is missing is logged only then. */
function acceptsSsl(ssl: boolean, success: boolean, { failIfSsl, failIfNotSsl }: HttpModule, log: ProbeLog) {
  if (ssl && failIfSsl) log.error('Final request was over SSL')
  if (!ssl && failIfNotSsl && success) log.error('Final request was not over SSL')
  return ssl ? !failIfSsl : !failIfNotSsl
}

/** The length that the answer gives for its body, bytes; -1 where it gives none. */
function contentLengthOf({ status, headers, headOnly }: Answer, method: string): number {
  const [length] = valuesOf(headers, 'content-length')
  const given = length !== undefined && /^\d+$/.test(length) ? Number(length) : -1
  if (method === 'HEAD') return given
  if (status === 204 || status === 304) return 0
  if (valuesOf(headers, 'transfer-encoding').length > 0) return -1
  return given === -1 && headOnly ? 0 : given
}

const days = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const months = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'

/** The three forms of RFC 9110, section 5.6.7. */
const forms = [
  new RegExp(`^${days}, \\d{2} ${months} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT$`),
  new RegExp(`^[A-Z][a-z]{5,8}, \\d{2}-${months}-\\d{2} \\d{2}:\\d{2}:\\d{2} GMT$`),
  new RegExp(`^${days} ${months} [ \\d]\\d \\d{2}:\\d{2}:\\d{2} \\d{4}$`),
]

/** The Last-Modified header as Unix time in seconds; undefined where there is none that can be read. */
function lastModifiedOf({ headers }: Answer): number | undefined {
  const [written = ''] = valuesOf(headers, 'last-modified')
  if (!forms.some((form) => form.test(written))) return undefined
  const ms = Date.parse(written.endsWith('GMT') ? written : `${written} GMT`)
  return Number.isNaN(ms) ? undefined : ms / 1000
}
