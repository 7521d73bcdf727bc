import { balancerName, type Farm } from '../../../src/model/farm.ts'
import type { Order, Outcome } from '../../../src/model/outcome.ts'
import { explainOrigin, unknownTells } from '../../../src/origins/origin_of.ts'
import type { Random } from '../../../src/runtime/random.ts'
import { affinityOf, nodeHeaders } from '../../../src/simulator/answer/shown_headers.ts'
import type { Answer, Served } from '../../../src/simulator/answer/simulated_answer.ts'
import type { Scenario } from '../../../src/simulator/farm/blueprint.ts'
import { createSimulatedFarm, type SimulatedFarm } from '../../../src/simulator/farm/simulated_farm.ts'
import type { TruthEvent } from '../../../src/simulator/farm/true_events.ts'
import type { Span } from '../../../src/simulator/farm/weather.ts'
import { farmPlan } from '../../../src/simulator/farm_to_probe.ts'
import { createJudge } from './expected_outcome.ts'
import { type Seen, see } from './seen_answer.ts'
import { request } from './virtual_request.ts'

/** A simulated farm in virtual time: years of it in seconds. */
export interface VirtualFarm {
  /** The farm as farmprobe is reported of it; its addresses lead nowhere. */
  readonly farm: Farm
  /** When it begins, wall milliseconds; nothing may be asked before. */
  readonly startMs: number
  /** What really happened up to the last order, about in the order of time. */
  readonly truth: readonly TruthEvent[]
  /**
   * Makes the probe at `nowMs`, which must never go back, and gives what the real probe would yield. The outcome ends
   * in the future, at `startedMs + totalMs`: whoever asks must keep it until then.
   */
  respond(order: Order, nowMs: number): Outcome
  /** Lets time pass without a probe, for the truth of a farm that is not probed to its end. */
  advance(nowMs: number): void
}

/**
 * A farm in good order at the scenario's start. The same scenario, chance and orders bring about the same.
 */
export function createVirtualFarm(scenario: Scenario, random: Random): VirtualFarm {
  const model = createSimulatedFarm(scenario, random, scenario.startMs)
  const hosts = new Map([[balancerName, '10.0.0.5']])
  for (const [index, { name }] of scenario.nodes.entries()) hosts.set(name, `10.0.0.${11 + index}`)
  const farm = farmPlan(scenario, (target) => ({ host: hosts.get(target) ?? '', port: 80 }))
  return {
    farm,
    startMs: scenario.startMs,
    truth: model.truth,
    respond: createResponder(model),
    advance: (nowMs) => model.agenda.advance(nowMs),
  }
}

/** An outcome in the making: written field by field, because millions of them are made. */
type Draft = { -readonly [Field in keyof Outcome]: Outcome[Field] }

function createResponder(model: SimulatedFarm): VirtualFarm['respond'] {
  const { scenario, weather } = model
  const judge = createJudge()
  const affinity = new Map(scenario.nodes.map(({ name }) => [name, affinityOf(name)]))
  let probes = 0

  return (order, nowMs) => {
    const { check, target } = order
    // A prober that stands still starts late: with everything else it missed, when it is back.
    const startedMs = weather.stallIn(nowMs, nowMs + 1e-6)?.toMs ?? nowMs
    const answer = request(model, startedMs, { target: target.name, path: check.path, from: 'probe' })
    const stall = weather.stallIn(startedMs, startedMs + durationMs(answer, check.timeoutMs))
    const seen = see(answer, check.timeoutMs, stall && since(stall, startedMs))
    probes += 1
    const outcome = draft(order, `sim-${probes}`, startedMs, nowMs, seen)
    outcome.latenessMs =
      stall === undefined ? 0 : Math.min(stall.toMs - Math.max(stall.fromMs, startedMs), seen.totalMs)
    if (seen.firstByteMs !== undefined && answer.kind === 'served')
      fill(outcome, order, answer, seen.firstByteMs)
    if (seen.reason !== undefined) {
      outcome.reason = seen.reason
      outcome.detail = `The probe failed: ${seen.reason}.`
    }
    if (target.role === 'balancer' && outcome.reason !== 'ok') logError(model, outcome, answer)
    return outcome
  }

  /** Adds what comes from an answer. */
  function fill(outcome: Draft, { check }: Order, answer: Served, firstByteMs: number): void {
    const { page, node, token } = answer
    const { reason, detail, origin } = judge(check, page)
    outcome.status = page.status
    outcome.bodyBytes = page.bytes
    outcome.reason = reason
    outcome.detail = detail
    outcome.firstByteMs = firstByteMs
    if (scenario.identity && token !== undefined) outcome.identity = token
    if (outcome.role === 'balancer' && node !== undefined) setServedBy(outcome, page.name, node)
    if (origin !== undefined) {
      outcome.origin = origin
      outcome.tells = explainOrigin({ ...page, bodyStart: page.body }, outcome.role)?.tells ?? unknownTells
    }
    if (reason !== 'ok') outcome.evidence = evidenceOf(scenario, answer)
  }

  function setServedBy(outcome: Draft, page: string, node: string): void {
    if (scenario.servedBy === 'cookie') outcome.servedBy = affinity.get(node) ?? node
    else if (scenario.servedBy === 'header' && page !== 'kernel_503') outcome.servedBy = node
  }
}

function draft(order: Order, id: string, startedMs: number, nowMs: number, seen: Seen): Draft {
  const { farm, check, target, lane, slotMs, lagMs } = order
  return {
    farm: farm.name,
    role: target.role,
    target: target.name,
    check: check.name,
    id,
    lane,
    slotMs,
    startedMs,
    lagMs: lagMs + (startedMs - nowMs),
    latenessMs: 0,
    reason: 'ok',
    detail: '',
    status: 0,
    bodyBytes: 0,
    phaseMs: seen.phaseMs,
    totalMs: seen.totalMs,
    address: `${target.host}:${target.port}`,
  }
}

function evidenceOf(scenario: Scenario, { page, node, token }: Served): NonNullable<Outcome['evidence']> {
  const shown = node === undefined ? [] : nodeHeaders(scenario, page, node, token)
  return { statusText: page.statusText, headers: [...page.headers, ...shown], bodyStart: page.body }
}

const since = ({ fromMs, toMs }: Span, atMs: number): Span => ({ fromMs: fromMs - atMs, toMs: toMs - atMs })

/** How long the prober has to do with it, at most. */
function durationMs(answer: Answer, timeoutMs: number): number {
  const ms = answer.kind === 'failed' ? answer.afterMs : answer.firstByteMs + answer.transferMs
  return Math.min(answer.connectMs + ms, timeoutMs)
}

/** A probe that the balancer answered with an error, or not at all. */
function logError(model: SimulatedFarm, outcome: Outcome, answer: Answer): void {
  const { startedMs: atMs, id, status } = outcome
  if (status !== 0 && (status < 502 || status > 504)) return
  const { node, nodes, cause, alsoRight } = answer.blame
  const firstByteMs = outcome.firstByteMs ?? outcome.totalMs
  model.log({ kind: 'balancer_error', atMs, id, status, node, nodes, cause, alsoRight, firstByteMs })
}
