/** How all probers of a comparison ask their targets: how often, on fresh connections or kept ones, with TLS or without. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate } from '../../test/support/servers/certificates.ts'

export interface Traffic {
  readonly targets: number
  readonly perSecond: number
  /** Connections are kept from one probe to the next. */
  readonly keepAlive?: boolean
  readonly tls?: TlsFiles
}

/** The certificate of all targets, which is its own authority, and its key: paths of PEM files. */
export interface TlsFiles extends Disposable {
  readonly cert: string
  readonly key: string
}

/** The name that the certificate proves. */
export const tlsName = 'site.bench.example'

/** Milliseconds from one probe of a target to the next. */
export const intervalMsOf = ({ targets, perSecond }: Traffic): number => (targets / perSecond) * 1000

export async function makeTlsFiles(): Promise<TlsFiles> {
  const { cert, key } = await makeCertificate({ names: [tlsName], ca: true })
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-bench-'))
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const remove = () => rmSync(folder, { recursive: true })
  return { cert: write('cert.pem', cert), key: write('key.pem', key), [Symbol.dispose]: remove }
}
