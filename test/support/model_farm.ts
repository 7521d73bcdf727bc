import type { Check, Farm } from '../../src/model/farm.ts'

/** A check of plain settings, every 5 s, without bursts. */
export function modelCheck(settings: Partial<Check> = {}): Check {
  return {
    name: 'home',
    path: '/',
    method: 'GET',
    headers: [],
    tls: { insecure: false, minVersion: 'TLSv1.2' },
    schedule: { kind: 'interval', intervalMs: 5000 },
    timeoutMs: 30_000,
    overlap: 4,
    connection: 'fresh',
    cacheBust: true,
    redirects: 'none',
    targets: ['balancer', 'node'],
    expect: {
      status: [[200, 399]],
      body: { contains: [], notContains: [], match: [], notMatch: [], minBytes: 0, maxBytes: 262_144 },
      headers: [],
    },
    canary: false,
    ...settings,
  }
}

/** A farm of a balancer and two nodes with one check; `port` is everyone's. */
export function modelFarm(settings: Partial<Farm> & { readonly port?: number } = {}): Farm {
  const { port = 80, ...rest } = settings
  const at = { scheme: 'http', host: '127.0.0.1', port } as const
  return {
    name: 'intranet',
    site: { scheme: 'http', hostname: 'intranet.example.org', port },
    balancer: { role: 'balancer', name: 'balancer', ...at },
    nodes: [nodeNamed('web01', port), nodeNamed('web02', port)],
    checks: [modelCheck()],
    maintenance: [],
    ...rest,
  }
}

/** A node on the loopback address. */
export const nodeNamed = (name: string, port = 80): Farm['nodes'][number] => ({
  role: 'node',
  name,
  scheme: 'http',
  host: '127.0.0.1',
  port,
})
