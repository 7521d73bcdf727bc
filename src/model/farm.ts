/** What is probed: the plan that configuration and discovery produce, as plain data that can be posted to a thread. */
import type { TlsVersion } from './tls_version.ts'

/** `through`: a node, reached through the balancer by the cookie that binds a client to it. */
export type Role = 'balancer' | 'node' | 'through'

/** The name of every farm's balancer as a target. */
export const balancerName = 'balancer'

/** Metrics use these in the place of a node's name, so that no node may have them. */
export const reservedNames = new Set<string>([balancerName, 'other', 'none', 'unknown', 'several'])

/** The longest name of a farm, node or check, in UTF-16 code units; it is a label of every series. */
export const longestName = 64

export type Scheme = 'http' | 'https'

/** One place to send a request to. `host` is an IP literal or a name that is resolved for every probe. */
export interface Target {
  readonly role: Role
  /** Unique within the farm; `balancer` for the balancer. */
  readonly name: string
  readonly scheme: Scheme
  readonly host: string
  readonly port: number
}

/** The farm as its users reach it: every request carries this Host and, over TLS, this server name. */
export interface Site {
  readonly scheme: Scheme
  readonly hostname: string
  readonly port: number
}

export type Schedule =
  | { readonly kind: 'interval'; readonly intervalMs: number }
  | { readonly kind: 'cron'; readonly cron: string; readonly timezone: string }

export interface TlsSettings {
  /** PEM text, as are `cert` and `key`. */
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  /** Accept any certificate. Its expiry is still measured. */
  readonly insecure: boolean
  readonly minVersion: TlsVersion
}

/** A regular expression in the syntax of RE2, as it is written: what it compiles to cannot be posted to a thread. */
export type Expression = string

export interface Expectations {
  /** Inclusive ranges of accepted status codes. */
  readonly status: readonly (readonly [low: number, high: number])[]
  readonly body: {
    readonly contains: readonly string[]
    readonly notContains: readonly string[]
    readonly match: readonly Expression[]
    readonly notMatch: readonly Expression[]
    /** Counted after decompression, as is the maximum. */
    readonly minBytes: number
    /** No more than this is read, before or after decompression. */
    readonly maxBytes: number
  }
  readonly headers: readonly { readonly name: string; readonly pattern: Expression }[]
  /** The longest that the whole probe may take, in milliseconds; a good answer that takes longer is `slow`. */
  readonly durationMs?: number
  /** A splash page shown while the application starts: the reason is `warming`, whatever the status. */
  readonly warming?: { readonly contains: readonly string[]; readonly match: readonly Expression[] }
}

export interface Burst {
  readonly intervalMs: number
  /** A burst ends when the trouble does, at the latest after this. */
  readonly forMs: number
}

/** One request with expectations and a schedule. */
export interface Check {
  readonly name: string
  readonly path: string
  readonly method: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string
  /** The whole value of the Authorization header. */
  readonly authorization?: string
  readonly windowsAuth?: WindowsAuth
  readonly tls: TlsSettings
  readonly schedule: Schedule
  readonly timeoutMs: number
  /** Probes of one target in flight at most; a slot beyond it is missed. */
  readonly overlap: number
  readonly connection: 'fresh' | 'reuse'
  /** Add a query parameter that is unique to the probe. */
  readonly cacheBust: boolean
  /** Send a `traceparent` of its own with each probe, unless `headers` have one. */
  readonly trace: boolean
  /** `pinned`: redirects are followed as long as they stay on the site, and always to the same target. */
  readonly redirects: 'none' | 'pinned'
  readonly targets: readonly Role[]
  readonly expect: Expectations
  /** Absent: no burst and no sweep. */
  readonly burst?: Burst
  /** Probes of this check are `canary` probes: rarer than the idle time-out, to measure real cold starts. */
  readonly canary: boolean
  /** `auto`: what changes whenever a worker does is found. */
  readonly identity?: IdentitySource | 'auto'
}

/** Credentials of a handshake: NTLM with a password, or Kerberos with the keys of a principal. */
export type WindowsAuth =
  | { readonly by: 'ntlm'; readonly user: string; readonly domain: string; readonly password: string }
  /** `keytab` is an absolute path. */
  | { readonly by: 'negotiate'; readonly principal: string; readonly keytab: string }

/** Where an answer shows which worker process gave it. A cookie's name, which may end in `*`, is the token itself. */
export type IdentitySource =
  | { readonly header: string }
  | { readonly cookieName: string }
  | { readonly json: string }
  | { readonly body: Expression }

/** Where a balancer's answer shows which node it came from. */
export type ServedBySource = { readonly header: string } | { readonly cookie: string }

export interface MaintenanceWindow {
  readonly cron: string
  readonly timezone: string
  readonly durationMs: number
}

/** windows_exporter on the nodes: what it counts of recycles is held against what is seen from outside. */
export interface Crosscheck {
  /** Whether windows_exporter is read; without it WAS's events alone say what happens inside. */
  readonly exporter: boolean
  readonly scheme: Scheme
  readonly port: number
  readonly path: string
  /** The application pools of the site, as IIS names them; case does not matter. */
  readonly pools: readonly string[]
  readonly intervalMs: number
  readonly timeoutMs: number
  /** How far apart both may see one recycle, beside their intervals, in milliseconds. */
  readonly toleranceMs: number
  /** The whole value of the Authorization header. */
  readonly authorization?: string
  readonly tls: TlsSettings
  readonly exceptions: readonly CrosscheckException[]
}

export type CrosscheckException = { readonly node: string } & (
  | { readonly off: true }
  | {
      readonly off: false
      readonly host?: string
      readonly port?: number
      /** How events of Windows name the node. */
      readonly computer?: string
      readonly pools?: readonly string[]
    }
)

/** One web site: a balancer, the nodes behind it, and what is asked of them. */
export interface Farm {
  readonly name: string
  readonly site: Site
  readonly balancer: Target
  readonly nodes: readonly Target[]
  readonly checks: readonly Check[]
  readonly servedBy?: ServedBySource
  /** The cookie by which the balancer sends a client to the same node again. */
  readonly affinity?: { readonly cookie: string }
  readonly maintenance: readonly MaintenanceWindow[]
  readonly crosscheck?: Crosscheck
}

/** Milliseconds between the slots of a check; undefined when a cron expression says when they are. */
export const intervalMsOf = ({ schedule }: Check): number | undefined =>
  schedule.kind === 'interval' ? schedule.intervalMs : undefined

export function targetsOf(farm: Farm, check: Check): Target[] {
  const all = [farm.balancer, ...farm.nodes]
  return all.filter((target) => check.targets.includes(target.role))
}

/** ARR's cookie, which holds a hash of the server: it tells servers apart, and names none. */
const hashCookie = /^ARRAffinity(SameSite)?$/

/** Whether the balancer's answers can be told apart by the node they come from: by what they say of it, or of its worker. */
export const namesNodes = ({ servedBy, checks }: Pick<Farm, 'servedBy' | 'checks'>): boolean =>
  (servedBy !== undefined && !('cookie' in servedBy && hashCookie.test(servedBy.cookie))) ||
  checks.some(({ identity, targets }) => typeof identity === 'object' && targets.includes('node'))

/**
 * The nodes through the balancer, each by its affinity cookie. Where no answer names a node, nobody knows whose cookie is
 * whose: they are numbered.
 */
export function throughTargetsOf(farm: Farm, { canary, targets }: Check): Target[] {
  if (farm.affinity === undefined || canary || !targets.includes('balancer')) return []
  const isNamed = namesNodes(farm)
  return farm.nodes.map(({ name }, at) => ({
    ...farm.balancer,
    role: 'through',
    name: isNamed ? name : `#${at + 1}`,
  }))
}

/** What is cross-checked on one node: where its windows_exporter is read, and whose events are its own. */
export interface ExporterPlace {
  readonly node: string
  readonly host: string
  readonly port: number
  /** The application pools of the site on this node. */
  readonly pools: readonly string[]
  /** How events of Windows may name the node. */
  readonly computers: readonly string[]
}

/** Of every node, discovered ones included; none where the farm asks for no cross-check or leaves the node out. */
export function exporterPlaces({ crosscheck, nodes }: Farm): ExporterPlace[] {
  if (crosscheck === undefined) return []
  const { port, pools, exceptions } = crosscheck
  return nodes.flatMap(({ name, host }) => {
    const exception = exceptions.find(({ node }) => node === name)
    if (exception?.off) return []
    const { host: ownHost = host, port: ownPort = port, pools: ownPools = pools } = exception ?? {}
    const computers = exception?.computer === undefined ? [name, host] : [exception.computer]
    return [{ node: name, host: ownHost, port: ownPort, pools: ownPools, computers }]
  })
}

/** The part of the farms that one process has, when one is not enough: whole farms, each in exactly one shard. */
export interface Shard {
  /** Counted from 0, as Kubernetes counts the pods of a StatefulSet. */
  readonly index: number
  readonly count: number
}

/** Far above what anybody needs, and yet placing the farms stays a matter of milliseconds. */
export const mostShards = 1000

/** Reads `3/11`, the fourth of eleven; undefined when it is no shard. */
export function parseShard(text: string): Shard | undefined {
  const [, index, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []
  const shard = { index: Number(index), count: Number(count) }
  return shard.index < shard.count && shard.count <= mostShards ? shard : undefined
}

/** As it is written, such as `3/11`. */
export const shardText = ({ index, count }: Shard): string => `${index}/${count}`
