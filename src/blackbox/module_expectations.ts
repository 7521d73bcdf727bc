/** Whether an answer is as the module wants it: one question a function, asked in the exporter's order. */

import { type Header, valuesOf } from '../probe/exchange/header.ts'
import { jsonProblem } from './module/cel_rule.ts'
import type { Acceptance, HeaderRule } from './module/module.ts'
import type { Regexp } from './module/regexps.ts'
import type { ProbeLog } from './probe_log.ts'

/** Compiles an expression of a module. */
export type Compile = (source: string) => Regexp

export function acceptsStatus(status: number, { statusCodes }: Acceptance, log: ProbeLog): boolean {
  const wanted = statusCodes.length === 0 ? '2xx' : statusCodes.join(', ')
  if (statusCodes.length === 0 ? status >= 200 && status < 300 : statusCodes.includes(status)) return true
  log.info(`Invalid HTTP response status code, wanted ${wanted}`, { status_code: status })
  return false
}

export function acceptsHeaders(
  headers: readonly Header[],
  { failIfHeader, failIfNotHeader }: Acceptance,
  compile: Compile,
  log: ProbeLog,
): boolean {
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
      compile(regexp).test(decoded(value))
  return (
    !failIfHeader.some((rule) => breaks(rule, (values) => values.some(matching(rule)), 'matched')) &&
    !failIfNotHeader.some((rule) => breaks(rule, (values) => !values.some(matching(rule)), 'did not match'))
  )
}

/** Header values are read byte by byte; those that are not ASCII are UTF-8 by habit. */
const decoded = (value: string) => Buffer.from(value, 'latin1').toString('utf8')

export function acceptsBody(
  text: string,
  { failIfBody, failIfNotBody }: Acceptance,
  compile: Compile,
  log: ProbeLog,
): boolean {
  const matched = failIfBody.find((source) => compile(source).test(text))
  if (matched !== undefined) log.error('Body matched regular expression', { regexp: matched })
  const missed = failIfNotBody.find((source) => !compile(source).test(text))
  if (missed !== undefined) log.error('Body did not match regular expression', { regexp: missed })
  return matched === undefined && missed === undefined
}

export function acceptsJson(text: string, { failIfJson, failIfNotJson }: Acceptance, log: ProbeLog): boolean {
  const problems = [
    failIfJson === undefined ? undefined : jsonProblem(text, failIfJson, true),
    failIfNotJson === undefined ? undefined : jsonProblem(text, failIfNotJson, false),
  ].filter((problem) => problem !== undefined)
  for (const problem of problems) log.error('Body broke a CEL rule', { why: problem })
  return problems.length === 0
}

export function acceptsVersion(version: number, { versions }: Acceptance, log: ProbeLog): boolean {
  const written = `HTTP/${version.toFixed(1)}`
  if (versions.length === 0 || versions.includes(written)) return true
  log.error('Invalid HTTP version number', { version: written })
  return false
}

/** `success`: nothing was wrong so far; that TLS was missing is told only then. */
export function acceptsSsl(
  ssl: boolean,
  success: boolean,
  { failIfSsl, failIfNotSsl }: Acceptance,
  log: ProbeLog,
): boolean {
  if (ssl && failIfSsl) log.error('Final request was over SSL')
  if (!ssl && failIfNotSsl && success) log.error('Final request was not over SSL')
  return ssl ? !failIfSsl : !failIfNotSsl
}

export const readsText = ({ failIfBody, failIfNotBody, failIfJson, failIfNotJson }: Acceptance): boolean =>
  failIfBody.length + failIfNotBody.length > 0 || readsJson({ failIfJson, failIfNotJson })

export const readsJson = ({
  failIfJson,
  failIfNotJson,
}: {
  readonly failIfJson?: string | undefined
  readonly failIfNotJson?: string | undefined
}): boolean => failIfJson !== undefined || failIfNotJson !== undefined
