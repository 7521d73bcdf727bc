import type { IdentitySource, Role } from '../../model/farm.ts'
import type { Judging, Order, Outcome } from '../../model/outcome.ts'
import { explainOrigin, unknownOrigin, unknownTells } from '../../origins/origin_of.ts'
import { createOwnTurns } from '../../runtime/own_turn.ts'
import { printable } from '../../runtime/printable.ts'
import type { Compile } from '../../runtime/regexp.ts'
import { judgingBudgetMs } from '../../runtime/search_budget.ts'
import type { Conceal } from '../../secrets/conceal.ts'
import { concealSent } from '../../secrets/sent_secrets.ts'
import { refusalOf } from '../auth/refused_credentials.ts'
import { concealKept, evidenceOf } from '../evidence.ts'
import type { Answer } from '../exchange/answer.ts'
import type { Marks } from '../exchange/request.ts'
import { traceIdOf } from '../exchange/traceparent.ts'
import { type Failure, failures } from '../failure.ts'
import { answerOf, type Run } from '../hop.ts'
import type { Plan } from '../probe_plan.ts'
import type { Stopwatch } from '../stopwatch.ts'
import { type Content, readContent, unreadContent } from './content.ts'
import { failureOf } from './expectations.ts'
import {
  identityCandidates,
  identityOf,
  isGatewayError,
  isInBody,
  isSmallJson,
  servedByOf,
} from './extract.ts'

/** The outcome of a probe that yielded no answer. */
export function outcomeWithout(order: Order, marks: Marks, watch: Stopwatch, failure: Failure): Outcome {
  const said = explained(failure, concealKept(order.check, []))
  return { ...known(order, marks, watch), ...said, status: 0, address: '', bodyBytes: 0 }
}

/**
 * The outcome of a probe whose stopwatch is stopped. `failure` is why there is no answer, or none that is whole and
 * wanted; without it the expectations decide.
 */
export async function outcomeOf(
  order: Order,
  plan: Plan,
  marks: Marks,
  run: Run,
  failure: Failure | undefined,
  judging: Judging,
): Promise<Outcome> {
  const { address, notAfterMs, watch } = run
  const judged = await judgeAnswers(order, plan, run, failure, judging)
  return {
    ...known(order, marks, watch),
    reason: 'ok',
    detail: '',
    address,
    ...judged,
    ...(notAfterMs !== undefined && { notAfterMs }),
  }
}

function known(
  { farm, check, target, lane, slotMs, lagMs }: Order,
  { id, traceparent }: Marks,
  watch: Stopwatch,
) {
  return {
    farm: farm.name,
    role: target.role,
    target: target.name,
    check: check.name,
    id,
    ...(traceparent !== undefined && { traceId: traceIdOf(traceparent) }),
    lane,
    slotMs,
    startedMs: slotMs + lagMs,
    lagMs,
    latenessMs: 0,
    phaseMs: watch.phaseMs,
    ...(watch.authMs > 0 && { authMs: watch.authMs }),
    totalMs: watch.totalMs,
  }
}

/** A sentence of ours quotes much less. */
const longestDetail = 2048

const explained = (failure: Failure, conceal: Conceal): Failure => ({
  ...failure,
  detail: conceal(failure.detail, longestDetail),
})

/** Judging a longer body may take tens of milliseconds, bytes. */
const longBody = 2 ** 18

/** One for each thread. */
const ownTurn = createOwnTurns()

/** What was sent and must not be kept, beside what the check has. */
const secretsOf = ({ tokens, session }: Run): string[] => [
  ...tokens.map((token) => token.slice(token.indexOf(' ') + 1)),
  ...(session === undefined ? [] : [session]),
]

/** An answer, and what is read of its body. */
interface Read {
  readonly answer: Answer
  readonly content: Content
}

/** The part of an outcome that comes from the answers: the last one, and those that redirected before it. */
async function judgeAnswers(
  order: Order,
  plan: Plan,
  run: Run,
  given: Failure | undefined,
  judging: Judging,
) {
  const { check } = order
  const { maxBytes } = check.expect.body
  const last = answerOf(run)
  const compile = await plan.compile()
  const read = async (answer: Answer, isNeeded: boolean): Promise<Read> => ({
    answer,
    content: isNeeded ? await readContent(answer, maxBytes, run.deadline) : unreadContent(answer, maxBytes),
  })
  const earlier: Read[] = []
  for (const answer of run.earlier.toReversed()) earlier.push(await read(answer, isInBody(check.identity)))
  if (last === undefined)
    return judging(order, () => ({
      status: 0,
      bodyBytes: 0,
      ...(given && explained(given, concealKept(check, run.earlier, secretsOf(run)))),
      ...sourceOf(order, compile, [undefined, ...earlier], run),
    }))
  const isSearched = check.identity === 'auto' && isSmallJson(last)
  const needsText = plan.needsText || isSearched || isGatewayError(last.status) || given !== undefined
  let reads: [Read, ...Read[]] = [await read(last, needsText), ...earlier]
  if (needsText && reads[0].content.bytes > longBody) await ownTurn()
  const readsAnswer = needsText || plan.readsHeaders
  const budgetMs = judgingBudgetMs(plan.searches, reads[0].content.bytes)
  const judgeNow = () => judge(order, compile, reads, given, run)
  // Where nothing of the answer but its status is read, nothing of it can take long.
  const judged = readsAnswer ? judging(order, judgeNow, budgetMs) : judgeNow()
  if (judged.failure && !needsText) reads = [await read(last, true), ...earlier]
  const needsExplaining = judged.failure !== undefined || isGatewayError(last.status)
  const { wait } = run.watch.phaseMs
  return {
    status: last.status,
    bodyBytes: last.bodyBytes,
    // Over the hops of a redirect, the waits add up: it is what the target took to begin its answers.
    ...(wait !== undefined && { firstByteMs: wait }),
    ...(last.remark !== undefined && { remark: last.remark }),
    ...(needsExplaining && judging(order, () => told(order, reads, judged.failure, secretsOf(run)))),
    ...judged.source,
  }
}

/** What the answers say of their source, and why the last one fails; an error of ours is a failure, too. */
function judge(
  order: Order,
  compile: Compile,
  reads: readonly [Read, ...Read[]],
  given: Failure | undefined,
  run: Run,
) {
  const [{ answer, content }] = reads
  try {
    const found = given ?? failureOf(answer, content, order.check.expect, run.watch.totalMs, compile)
    const isRefused = found?.reason === 'status' && answer.status === 401
    const failure = (isRefused && (run.refusal ?? refusalOf(answer, order.check))) || found
    return { failure, source: sourceOf(order, compile, reads, run) }
  } catch (error) {
    return { failure: failures.internal(error), source: {} }
  }
}

/** What explains an answer that fails or comes from a gateway. */
function told(
  { check, target }: Order,
  reads: readonly [Read, ...Read[]],
  failure: Failure | undefined,
  secrets: readonly string[],
) {
  const [{ answer, content }] = reads
  const text = content.text()
  const conceal = concealKept(
    check,
    reads.map((read) => read.answer),
    secrets,
  )
  return {
    ...originOf(answer, text, target.role, isGatewayError(answer.status)),
    ...(failure && { ...explained(failure, conceal), evidence: evidenceOf(answer, text, check, conceal) }),
  }
}

/** More of what identifies a worker process or a node is not kept, characters. */
const maxTokenLength = 256

/**
 * The worker process and the node that the answers of a probe name: each by the last answer that names one. The last
 * answer is first, undefined when none came.
 */
function sourceOf(
  { farm, check, target }: Order,
  compile: Compile,
  reads: readonly (Read | undefined)[],
  run: Run,
) {
  const { identity: source } = check
  const identity = source && source !== 'auto' ? lastIdentity(reads, source, compile) : undefined
  const answers = reads.map((read) => read?.answer)
  const servedBy = farm.servedBy && target.role !== 'node' && servedByOf(answers, farm.servedBy)
  const kept = answers.filter((answer) => answer !== undefined)
  const secrets = secretsOf(run)
  const concealOwn = secrets.length > 0 ? concealKept(check, [], secrets) : concealSent(check)
  const keepsAny = source === 'auto' || run.tokens.length > 0
  const conceal = keepsAny ? concealKept(check, kept, secrets) : concealOwn
  const token = (text: string, by = conceal) => printable(by(text, maxTokenLength)).slice(0, maxTokenLength)
  return {
    ...(identity !== undefined && { identity: token(identity) }),
    ...(source === 'auto' && reads[0] && { candidates: candidatesOf(reads[0], token) }),
    // A cookie may bind clients by the very name of a node.
    ...(servedBy && { servedBy: token(servedBy, concealOwn) }),
  }
}

/** A target may write what a request sent into the names of headers, cookies and fields, too. */
const candidatesOf = ({ answer, content }: Read, token: (text: string) => string) =>
  Object.fromEntries(
    identityCandidates(answer, content.text).map(([source, value]) => [token(source), token(value)]),
  )

function lastIdentity(
  reads: readonly (Read | undefined)[],
  source: IdentitySource,
  compile: Compile,
): string | undefined {
  for (const read of reads) {
    const identity = read && identityOf(read.answer, read.content.text, source, compile)
    if (identity !== undefined) return identity
  }
  return undefined
}

/** Who made an error answer, and what that means. An application's own 404 needs no explanation, its 502 does. */
function originOf({ status, statusText, headers }: Answer, bodyStart: string, role: Role, always: boolean) {
  const found = explainOrigin({ status, statusText, headers, bodyStart }, role)
  return found ?? (always ? { origin: unknownOrigin, tells: unknownTells } : undefined)
}
