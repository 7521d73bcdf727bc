import type { SecureContext } from 'node:tls'
import type { Check, Farm, Target, TlsSettings } from '../model/farm.ts'
import { secureContext } from '../runtime/secure_context.ts'
import { createExpiryMemo } from './connect/certificate.ts'
import type { TlsDial } from './connect/open_connection.ts'
import type { ReadLimits } from './exchange/answer.ts'
import { createRequestWriter, type RequestWriter } from './exchange/request.ts'
import type { Endpoint } from './hop.ts'
import { readsBody } from './judge/expectations.ts'

/** What is the same for each probe of a check. */
interface CheckPlan {
  readonly farm: Farm
  readonly check: Check
  readonly writer: RequestWriter
  /** The text of every answer's body is needed. */
  readonly needsText: boolean
  readonly limits: ReadLimits
}

/** What is the same for each probe of a check on one of its targets. */
export interface Plan extends CheckPlan {
  readonly endpoint: Endpoint
}

/** How much of a body is kept when its text is not needed, bytes: enough to recognise an error page. */
const originBytes = 16_384

/** Finds or makes the plan of a check on a target; it is dropped with its farm. */
export function createPlans(): (farm: Farm, check: Check, target: Target) => Plan {
  const ofChecks = new WeakMap<Farm, Map<Check, CheckPlan>>()
  const ofTargets = new WeakMap<CheckPlan, Map<Target, Plan>>()
  // Reading a CA bundle takes milliseconds, so targets share it. No session is resumed: each handshake is whole.
  const contexts = new WeakMap<TlsSettings, SecureContext>()
  const contextOf: Contexts = (settings) => found(contexts, settings, () => secureContext(settings))

  return (farm, check, target) => {
    const checks = found(ofChecks, farm, () => new Map<Check, CheckPlan>())
    const common = found(checks, check, () => planCheck(farm, check))
    const targets = found(ofTargets, common, () => new Map<Target, Plan>())
    return found(targets, target, () => ({ ...common, endpoint: endpointOf(common, target, contextOf) }))
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
    needsText,
    limits: {
      maxBodyBytes: maxBytes,
      keepBytes: ({ encoding }) =>
        needsText || encoding !== '' ? maxBytes : Math.min(maxBytes, originBytes),
    },
  }
}

type Contexts = (settings: TlsSettings) => SecureContext

const endpointOf = ({ farm, check, limits }: CheckPlan, target: Target, contextOf: Contexts): Endpoint => ({
  host: target.host,
  port: target.port,
  tls: target.scheme === 'https' ? tlsDial(farm, check, contextOf) : undefined,
  keepAs: check.connection === 'reuse' ? connectionKey(farm, check, target) : '',
  limits,
})

const tlsDial = ({ site }: Farm, { tls }: Check, contextOf: Contexts): TlsDial => ({
  hostname: site.hostname,
  context: contextOf(tls),
  insecure: tls.insecure,
  notAfterMs: createExpiryMemo(),
})

/** The name of the connection that a check keeps to a target: another address or certificate is another connection. */
export function connectionKey(farm: Farm, check: Check, target: Target): string {
  return JSON.stringify([farm.name, farm.site, check.name, check.tls, target])
}
