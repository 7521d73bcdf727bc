import type { Check, Role } from '../../model/farm.ts'
import type { Evidence, Order, Outcome } from '../../model/outcome.ts'
import { explainOrigin, unknownOrigin, unknownTells } from '../../origins/origin_of.ts'
import { hidden } from '../../secrets/hide.ts'
import { cutAtSent, hideSent } from '../../secrets/sent_secrets.ts'
import type { Answer } from '../exchange/answer.ts'
import type { Failure } from '../failure.ts'
import { answerOf, type Run } from '../hop.ts'
import type { Plan } from '../probe_plan.ts'
import type { Stopwatch } from '../stopwatch.ts'
import { readContent, unreadContent } from './content.ts'
import { judge } from './expectations.ts'
import { identityOf, servedByOf } from './extract.ts'

/** The outcome of a probe that yielded no answer. */
export function outcomeWithout(order: Order, id: string, watch: Stopwatch, failure: Failure): Outcome {
  return { ...known(order, id, watch), ...failure, status: 0, address: '', bodyBytes: 0 }
}

/**
 * The outcome of a probe whose stopwatch is stopped. `failure` is why there is no answer, or none that is whole and
 * wanted; without it the expectations decide.
 */
export async function outcomeOf(
  order: Order,
  plan: Plan,
  id: string,
  run: Run,
  failure: Failure | undefined,
): Promise<Outcome> {
  const { address, notAfterMs, watch } = run
  const answer = answerOf(run)
  const judged = answer
    ? await judgeAnswer(order, plan, watch, answer, failure)
    : { status: 0, bodyBytes: 0, ...explained(failure, order.check) }
  return {
    ...known(order, id, watch),
    reason: 'ok',
    detail: '',
    address,
    ...judged,
    ...(notAfterMs !== undefined && { notAfterMs }),
  }
}

function known({ farm, check, target, lane, slotMs, lagMs }: Order, id: string, watch: Stopwatch) {
  return {
    farm: farm.name,
    role: target.role,
    target: target.name,
    check: check.name,
    id,
    lane,
    slotMs,
    startedMs: slotMs + lagMs,
    lagMs,
    suspect: false,
    phaseMs: watch.phaseMs,
    totalMs: watch.totalMs,
  }
}

const explained = (failure: Failure | undefined, check: Check) =>
  failure && { reason: failure.reason, detail: cutAtSent(failure.detail, check) }

/** The part of an outcome that comes from an answer. */
async function judgeAnswer(
  { farm, check, target }: Order,
  { needsText }: Plan,
  { phaseMs }: Stopwatch,
  answer: Answer,
  given: Failure | undefined,
) {
  const { status, bodyBytes } = answer
  const { maxBytes } = check.expect.body
  const gatewayError = status === 502 || status === 503 || status === 504
  const read = needsText || gatewayError || given !== undefined
  let content = read ? await readContent(answer, maxBytes) : unreadContent(answer, maxBytes)
  const failure = given ?? judge(answer, content, check.expect)
  if (failure && !read) content = await readContent(answer, maxBytes)
  const { text } = content
  const identity = farm.identity && identityOf(answer, text, farm.identity)
  const servedBy = farm.servedBy && target.role === 'balancer' ? servedByOf(answer, farm.servedBy) : undefined
  return {
    status,
    bodyBytes,
    // Over the hops of a redirect, the waits add up: it is what the target took to begin its answers.
    ...(phaseMs.wait !== undefined && { firstByteMs: phaseMs.wait }),
    ...explained(failure, check),
    ...(identity !== undefined && { identity: hideSent(identity, check) }),
    ...(servedBy !== undefined && { servedBy: hideSent(servedBy, check) }),
    ...((gatewayError || failure) && originOf(answer, text, target.role, gatewayError)),
    ...(failure && { evidence: evidenceOf(answer, text, check) }),
  }
}

/** Who made an error answer, and what that means. An application's own 404 needs no explanation, its 502 does. */
function originOf({ status, statusText, headers }: Answer, bodyStart: string, role: Role, always: boolean) {
  const found = explainOrigin({ status, statusText, headers, bodyStart }, role)
  return found ?? (always ? { origin: unknownOrigin, tells: unknownTells } : undefined)
}

/** How much of a body explains a failure, in characters. */
const maxBodyStart = 2048
const maxHeaders = 64
const maxValueLength = 1024

/** What is kept of an answer that needs explaining, without the secrets of its check. */
function evidenceOf(answer: Answer, text: string, check: Check): Evidence {
  const safe = (value: string, length: number) => hideSent(value.slice(0, length * 2), check).slice(0, length)
  return {
    statusText: safe(answer.statusText, 256),
    headers: answer.headers
      .slice(0, maxHeaders)
      .map(([name, value]) => [safe(name, 256), safe(withoutCookie(name, value), maxValueLength)] as const),
    bodyStart: safe(text, maxBodyStart),
  }
}

/** A cookie is the key to the session that it began: its name and its attributes say enough. */
const withoutCookie = (name: string, value: string) =>
  name.toLowerCase() === 'set-cookie' ? value.replace(/^([^=;]*=)[^;]+/, `$1${hidden}`) : value
