import type { Check, IdentitySource, Role } from '../../model/farm.ts'
import type { Order, Outcome } from '../../model/outcome.ts'
import { explainOrigin, unknownOrigin, unknownTells } from '../../origins/origin_of.ts'
import { printable } from '../../runtime/printable.ts'
import type { Compile } from '../../runtime/regexp.ts'
import type { Conceal } from '../../secrets/conceal.ts'
import { concealSent } from '../../secrets/sent_secrets.ts'
import { concealKept, evidenceOf } from '../evidence.ts'
import type { Answer } from '../exchange/answer.ts'
import type { Failure } from '../failure.ts'
import { answerOf, type Run } from '../hop.ts'
import type { Plan } from '../probe_plan.ts'
import type { Stopwatch } from '../stopwatch.ts'
import { readContent, unreadContent } from './content.ts'
import { judge } from './expectations.ts'
import { identityOf, isGatewayError, servedByOf } from './extract.ts'

/** The outcome of a probe that yielded no answer. */
export function outcomeWithout(order: Order, id: string, watch: Stopwatch, failure: Failure): Outcome {
  const said = explained(failure, concealKept(order.check, []))
  return { ...known(order, id, watch), ...said, status: 0, address: '', bodyBytes: 0 }
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
  const earlier = run.earlier.toReversed()
  const judged = answer
    ? await judgeAnswer(order, plan, watch, [answer, ...earlier], failure)
    : {
        status: 0,
        bodyBytes: 0,
        ...(failure && explained(failure, concealKept(order.check, earlier))),
        ...(await sourceOf(order, plan, [undefined, ...earlier])),
      }
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

/** A sentence of ours quotes much less. */
const longestDetail = 2048

const explained = ({ reason, detail }: Failure, conceal: Conceal): Failure => ({
  reason,
  detail: conceal(detail, longestDetail),
})

/** The part of an outcome that comes from an answer: the first of those of its hops, of which the last one is first. */
async function judgeAnswer(
  order: Order,
  plan: Plan,
  { phaseMs, totalMs }: Stopwatch,
  answers: readonly [Answer, ...Answer[]],
  given: Failure | undefined,
) {
  const { check, target } = order
  const { needsText, compile } = plan
  const [answer] = answers
  const { status, bodyBytes } = answer
  const { maxBytes } = check.expect.body
  const gatewayError = isGatewayError(status)
  const read = needsText || gatewayError || given !== undefined
  let content = read ? await readContent(answer, maxBytes) : unreadContent(answer, maxBytes)
  const failure = given ?? judge(answer, content, check.expect, totalMs, await compile())
  if (failure && !read) content = await readContent(answer, maxBytes)
  const { text } = content
  return {
    status,
    bodyBytes,
    // Over the hops of a redirect, the waits add up: it is what the target took to begin its answers.
    ...(phaseMs.wait !== undefined && { firstByteMs: phaseMs.wait }),
    ...(answer.remark !== undefined && { remark: answer.remark }),
    ...(await sourceOf(order, plan, answers, text)),
    ...((gatewayError || failure) && originOf(answer, text, target.role, gatewayError)),
    ...(failure && keptOf(answers, text, failure, check)),
  }
}

function keptOf(answers: readonly [Answer, ...Answer[]], text: string, failure: Failure, check: Check) {
  const conceal = concealKept(check, answers)
  return { ...explained(failure, conceal), evidence: evidenceOf(answers[0], text, check, conceal) }
}

/** More of what identifies a worker process or a node is not kept, characters. */
const maxTokenLength = 256

/**
 * The worker process and the node that the answers of a probe name: each by the last answer that names one. The last
 * answer is first, undefined when none came; `text` is the text of its body.
 */
async function sourceOf(
  { farm, check, target }: Order,
  { compile }: Plan,
  answers: readonly (Answer | undefined)[],
  text = '',
) {
  const identity = farm.identity && (await lastIdentity(answers, text, farm.identity, check, await compile()))
  const servedBy = farm.servedBy && target.role === 'balancer' && servedByOf(answers, farm.servedBy)
  const token = (text: string) => printable(concealSent(check)(text, maxTokenLength)).slice(0, maxTokenLength)
  return {
    ...(identity !== undefined && { identity: token(identity) }),
    ...(servedBy && { servedBy: token(servedBy) }),
  }
}

async function lastIdentity(
  answers: readonly (Answer | undefined)[],
  text: string,
  source: IdentitySource,
  { expect: { body } }: Check,
  compile: Compile,
): Promise<string | undefined> {
  for (const [index, answer] of answers.entries()) {
    if (answer === undefined) continue
    const isReadAlready = index === 0 || 'header' in source
    const content = isReadAlready ? { text } : await readContent(answer, body.maxBytes)
    const identity = identityOf(answer, content.text, source, compile)
    if (identity !== undefined) return identity
  }
  return undefined
}

/** Who made an error answer, and what that means. An application's own 404 needs no explanation, its 502 does. */
function originOf({ status, statusText, headers }: Answer, bodyStart: string, role: Role, always: boolean) {
  const found = explainOrigin({ status, statusText, headers, bodyStart }, role)
  return found ?? (always ? { origin: unknownOrigin, tells: unknownTells } : undefined)
}
