/** A module of blackbox_exporter: how a target is probed on demand. Plain data, so that it can be posted to a thread. */
import type { TlsVersion } from '../../model/tls_version.ts'

export type Compression = '' | 'identity' | 'gzip' | 'br' | 'deflate'

/** A value that stands in the module file, or in a file that is read for every probe; of a file the absolute path. */
export type InlineOrFile = { readonly text: string } | { readonly file: string }

export interface HeaderRule {
  readonly header: string
  /** In RE2's syntax, as all expressions of modules. */
  readonly regexp: string
  readonly allowMissing: boolean
}

export type Credentials =
  | { readonly username: InlineOrFile; readonly password: InlineOrFile }
  | { readonly type: string; readonly credentials: InlineOrFile }

export interface ModuleTls {
  readonly ca?: InlineOrFile
  readonly cert?: InlineOrFile
  readonly key?: InlineOrFile
  readonly serverName?: string
  readonly insecure: boolean
  readonly minVersion: TlsVersion
  readonly maxVersion: TlsVersion
}

export interface HttpModule {
  /** 0: not set. */
  readonly timeoutMs: number
  readonly method: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Sent besides `headers`. */
  readonly moreHeaders: readonly (readonly [name: string, value: InlineOrFile])[]
  readonly body?: InlineOrFile
  readonly credentials?: Credentials
  readonly tls: ModuleTls
  readonly http2: boolean
  readonly followRedirects: boolean
  readonly preferredFamily: 4 | 6
  readonly familyFallback: boolean
  /** How the body is decoded, whatever its Content-Encoding. */
  readonly compression: Compression
  /** Bytes, after decoding; 0: no limit of the module's. */
  readonly bodySizeLimit: number
  readonly accept: Acceptance
}

/** What makes an answer a good one. */
export interface Acceptance {
  /** Empty: 200 to 299. */
  readonly statusCodes: readonly number[]
  /** Such as `HTTP/1.1`; empty: any. */
  readonly versions: readonly string[]
  readonly failIfSsl: boolean
  readonly failIfNotSsl: boolean
  readonly failIfBody: readonly string[]
  readonly failIfNotBody: readonly string[]
  readonly failIfHeader: readonly HeaderRule[]
  readonly failIfNotHeader: readonly HeaderRule[]
  /** In CEL, on the body as JSON. */
  readonly failIfJson?: string
  readonly failIfNotJson?: string
}

/** A module, or why it is none that we serve, as a clause such as `it probes tcp`. */
export type Module = { readonly shown: string } & (
  | { readonly http: HttpModule }
  | { readonly notServed: string }
)

/** By name. */
export type Modules = ReadonlyMap<string, Module>
