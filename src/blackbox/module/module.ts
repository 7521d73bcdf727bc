/** A module of blackbox_exporter: how a target is probed on demand. Plain data, so that it can be posted to a thread. */
import type { TlsVersion } from '../../model/tls_version.ts'

/** A value in the module file, or in a file that is read for every probe; of a file the absolute path. */
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
  readonly compression?: 'identity' | 'gzip' | 'br' | 'deflate'
  /** Bytes, after decoding; 0: no limit of the module's. */
  readonly bodySizeLimit: number
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

/** There is a rule on the body as JSON. */
export const readsJson = ({ failIfJson, failIfNotJson }: HttpModule): boolean =>
  failIfJson !== undefined || failIfNotJson !== undefined

/** A module, or why it is not served, as a clause such as `it probes tcp`. `shown` is its text, secrets hidden. */
export type Module = { readonly shown: string } & (
  | { readonly http: HttpModule }
  | { readonly notServed: string }
)

export type Modules = ReadonlyMap<string, Module>

/** The module that a request without a module asks for. */
export const usualModule = 'http_2xx'

/** The modules without a module file: what module_keys.ts makes of `http_2xx: { prober: http }`. */
export const standardModules: Modules = new Map([
  [
    usualModule,
    {
      shown: 'prober: http\n',
      http: {
        timeoutMs: 0,
        method: 'GET',
        headers: [],
        moreHeaders: [],
        tls: { insecure: false, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' },
        http2: true,
        followRedirects: true,
        preferredFamily: 6,
        familyFallback: true,
        bodySizeLimit: 0,
        statusCodes: [],
        versions: [],
        failIfSsl: false,
        failIfNotSsl: false,
        failIfBody: [],
        failIfNotBody: [],
        failIfHeader: [],
        failIfNotHeader: [],
      },
    },
  ],
])

/** Whether a text may stand in a header. */
export const isHeaderText = (text: string): boolean => /^[\t\x20-\x7e\u0080-\uffff]*$/.test(text)

/** Whether a text may stand in the header Host. */
export const isHost = (text: string): boolean => /^[^\s/?#@\\]+$/.test(text) && URL.canParse(`http://${text}`)
