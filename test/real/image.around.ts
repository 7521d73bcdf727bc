/** What a container of the image needs around it: a site to probe, a configuration, a volume. */
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'

export interface Target extends AsyncDisposable {
  readonly url: string
}

const hello = (_request: unknown, response: { end(text: string): void }) => response.end('hello')

/** A site to probe, over TLS when it has a certificate. */
export async function webServer(certificate?: { cert: string; key: string }): Promise<Target> {
  const server: Server = certificate === undefined ? createServer(hello) : createTlsServer(certificate, hello)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const scheme = certificate === undefined ? 'http' : 'https'
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

/** A configuration with one farm that is probed often. */
export function configurationOf(listen: number, { url }: { url: string }, more: object = {}): object {
  const checks = [{ name: 'home', path: '/', interval: '200ms' }]
  return { web: { listen: `127.0.0.1:${listen}` }, farms: [{ name: 'site', url, checks, ...more }] }
}

/** A volume with the configuration in it, as a ConfigMap is mounted; everybody may read it. */
export function configFolder(beside: string, content: object): string {
  const path = mkdtempSync(join(beside, 'config-'))
  chmodSync(path, 0o755)
  writeFileSync(join(path, 'farmprobe.yaml'), JSON.stringify(content), { mode: 0o644 })
  return path
}

/** A volume for the journal. */
export function dataFolder(beside: string, owner: number, group: number, mode = 0o750): string {
  const path = mkdtempSync(join(beside, 'data-'))
  chownSync(path, owner, group)
  chmodSync(path, mode)
  return path
}
