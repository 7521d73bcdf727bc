import type { SecureContext } from 'node:tls'
import type { Check, Farm, Target, TlsSettings, WindowsAuth } from '../model/farm.ts'
import type { Compile } from '../runtime/regexp.ts'
import type { Searches } from '../runtime/search_budget.ts'
import { secureContext } from '../runtime/secure_context.ts'
import { kerberosHandshake } from './auth/kerberos_handshake.ts'
import { ntlmHandshake } from './auth/ntlm_handshake.ts'
import { createExpiryMemo, endPointOf } from './connect/certificate.ts'
import type { ReadLimits } from './exchange/answer.ts'
import { createRequestWriter } from './exchange/request.ts'
import type { Endpoint } from './hop.ts'
import { hasExpressions, readsBody } from './judge/expectations.ts'
import { isInBody } from './judge/extract.ts'

/** How much of a body is kept when its text is not needed, bytes: enough to recognise an error page. */
const originBytes = 16_384

/** Finds or makes the plan of a check; it is dropped with its farm. */
export function createPlans(): (farm: Farm, check: Check) => Plan {
  const plans = new WeakMap<Farm, Map<Check, Plan>>()
  // Reading a CA bundle takes milliseconds, so targets share it. No session is resumed: each handshake is whole.
  const contexts = new WeakMap<TlsSettings, SecureContext>()
  const contextOf = (settings: TlsSettings) => found(contexts, settings, () => secureContext(settings))
  return (farm, check) => {
    const ofFarm = found(plans, farm, () => new Map<Check, Plan>())
    return found(ofFarm, check, () => planCheck(farm, check, contextOf))
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

/** What is the same for each probe of a check. */
export type Plan = ReturnType<typeof planCheck>

function planCheck(farm: Farm, check: Check, contextOf: (settings: TlsSettings) => SecureContext) {
  const { site } = farm
  const { connection, expect, identity, tls, windowsAuth } = check
  const { maxBytes } = expect.body
  const needsText = readsBody(expect) || isInBody(identity)
  const limits: ReadLimits = {
    maxBodyBytes: maxBytes,
    keepBytes: ({ encoding }) => (needsText || encoding !== '' ? maxBytes : Math.min(maxBytes, originBytes)),
  }
  const endpoints = new Map<Target, Endpoint>()
  const tlsDial = () => ({
    hostname: site.hostname,
    context: contextOf(tls),
    insecure: tls.insecure,
    notAfterMs: createExpiryMemo(tls.ca),
    ...(windowsAuth && { endPoint: endPointOf }),
  })
  const endpoint = (target: Target): Endpoint => ({
    host: target.host,
    port: target.port,
    tls: target.scheme === 'https' ? tlsDial() : undefined,
    keepAs: connection === 'reuse' ? connectionKey(farm, check, target) : '',
    limits,
    ...(windowsAuth && { handshake: handshakeOf(windowsAuth, target) }),
  })
  const handshakeOf = (auth: WindowsAuth, { role }: Target) =>
    auth.by === 'ntlm'
      ? ntlmHandshake(auth, site.hostname, role !== 'node')
      : kerberosHandshake(auth, site.hostname)
  return {
    writer: createRequestWriter(check, site),
    needsText,
    searches: searchesIn(check),
    /** Judging its answers reads their headers. */
    readsHeaders: expect.headers.length > 0 || identity !== undefined || farm.servedBy !== undefined,
    /** Compiles the expressions of the check, each once; most checks have none. */
    compile:
      hasExpressions(expect) || (typeof identity === 'object' && 'body' in identity)
        ? compiler()
        : () => noExpressions,
    /** What is the same for each probe of a target. */
    endpointOf: (target: Target) => found(endpoints, target, () => endpoint(target)),
  }
}

/** How many expressions are searched for in a body; in headers, which are short, none takes long. */
const searchesIn = ({ expect: { body, warming }, identity }: Check): Searches => ({
  tests: body.match.length + body.notMatch.length + (warming?.match.length ?? 0),
  finds: typeof identity === 'object' && 'body' in identity ? 1 : 0,
})

/** The engine is loaded by the first check that has an expression: it takes 3 MB in each thread. */
function compiler(): () => Promise<Compile> {
  let compile: Promise<Compile> | undefined
  return () => (compile ??= import('../runtime/regexp.ts').then(({ createRegexps }) => createRegexps()))
}

const noExpressions: Promise<Compile> = Promise.resolve(() => {
  throw new Error('a check without expressions has none to compile')
})

/** The name of the connection that a check keeps to a target: another address or certificate is another connection. */
export function connectionKey(farm: Farm, check: Check, target: Target): string {
  return JSON.stringify([farm.name, farm.site, check.name, check.tls, target])
}
