import type { SecureContext } from 'node:tls'
import type { Check, Farm, Target, TlsSettings } from '../model/farm.ts'
import { formatDuration } from '../runtime/duration.ts'
import { secureContext } from '../runtime/secure_context.ts'
import { createExpiryMemo } from './connect/certificate.ts'
import type { TlsDial } from './connect/open_connection.ts'
import { isAddress } from './connect/resolve.ts'
import type { ReadLimits } from './exchange/answer.ts'
import { createRequestWriter, type RequestWriter } from './exchange/request.ts'
import { isEncoded } from './judge/decode.ts'
import { readsBody } from './judge/expectations.ts'

/** Everything about the probes of one check that is the same for each target and each time. */
interface CheckPlan {
  readonly farm: Farm
  readonly check: Check
  readonly writer: RequestWriter
  /** The time limit, for people. */
  readonly allowed: string
  /** The text of every answer's body is needed. */
  readonly needsText: boolean
  readonly limits: ReadLimits
}

/** The same for one of its targets. */
export interface Plan extends CheckPlan {
  readonly target: Target
  readonly tls: TlsDial | undefined
  /** The host is a name, so each probe resolves it. */
  readonly resolves: boolean
  /** Names the kept connection of this check on this target; empty where none is kept. */
  readonly key: string
}

/** How much of a body is kept when nobody asked for it: an error page that is to be recognised says it by then. */
const originBytes = 16_384

/** Finds or makes the plan of an order's check and target; it goes when its farm does. */
export function createPlans(): (farm: Farm, check: Check, target: Target) => Plan {
  const ofChecks = new WeakMap<Farm, Map<Check, CheckPlan>>()
  const ofTargets = new WeakMap<CheckPlan, Map<Target, Plan>>()
  const contextOf = createContexts()

  return (farm, check, target) => {
    const checks = found(ofChecks, farm, () => new Map<Check, CheckPlan>())
    const common = found(checks, check, () => planCheck(farm, check))
    const targets = found(ofTargets, common, () => new Map<Target, Plan>())
    return found(targets, target, () => planTarget(common, target, contextOf))
  }
}

interface Store<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): unknown
}

function found<Key, Value>(store: Store<Key, Value>, key: Key, make: () => Value): Value {
  const known = store.get(key)
  if (known !== undefined) return known
  const made = make()
  store.set(key, made)
  return made
}

function planCheck(farm: Farm, check: Check): CheckPlan {
  const needsText = readsBody(check.expect) || (farm.identity !== undefined && !('header' in farm.identity))
  const { maxBytes } = check.expect.body
  return {
    farm,
    check,
    writer: createRequestWriter(check, farm.site),
    allowed: formatDuration(check.timeoutMs),
    needsText,
    limits: {
      maxBodyBytes: maxBytes,
      keepBytes: (head) => (needsText || isEncoded(head) ? maxBytes : Math.min(maxBytes, originBytes)),
    },
  }
}

function planTarget(common: CheckPlan, target: Target, contextOf: Contexts): Plan {
  const { farm, check } = common
  return {
    ...common,
    target,
    tls: target.scheme === 'https' ? tlsDial(farm, check, contextOf) : undefined,
    resolves: !isAddress(target.host),
    key: check.connection === 'reuse' ? connectionKey(farm, check, target) : '',
  }
}

const tlsDial = ({ site }: Farm, { tls }: Check, contextOf: Contexts): TlsDial => ({
  hostname: site.hostname,
  context: contextOf(tls),
  insecure: tls.insecure,
  earliestExpiryMs: createExpiryMemo(),
})

type Contexts = (settings: TlsSettings) => SecureContext

/** Reading a CA bundle takes milliseconds, so targets share it. No session is ever resumed: each handshake is whole. */
function createContexts(): Contexts {
  const contexts = new WeakMap<TlsSettings, SecureContext>()
  return (settings) => found(contexts, settings, () => secureContext(settings))
}

/** The name of the connection that a check keeps to a target: another address or certificate is another connection. */
export function connectionKey(farm: Farm, check: Check, target: Target): string {
  return JSON.stringify([farm.name, farm.site, check.name, check.tls, target])
}
