/** What Prometheus asks for: the metrics, probes on demand, and the targets to discover. */
import { pipeline, Readable } from 'node:stream'
import { constants, createGzip, createZstdCompress } from 'node:zlib'
import type { Context } from 'hono'
import { hostPort, siteUrl } from '../addresses/host_port.ts'
import type { Farm } from '../model/farm.ts'
import { acceptsEncoding } from '../runtime/accepts_encoding.ts'
import { encoded, sendText } from './send_text.ts'
import type { Ports } from './web_ports.ts'

/** `GET /metrics`, sent while it is made, so that no exposition is ever whole in memory. */
export function metricsResponse(c: Context, ports: Ports): Response {
  const { contentType, chunks } = ports.render(c.req.header('Accept'))
  const coding = codingFor(c.req.header('Accept-Encoding') ?? '')
  const headers = {
    'Content-Type': contentType,
    Vary: 'Accept, Accept-Encoding',
    ...(coding && { 'Content-Encoding': coding }),
  }
  if (coding === undefined || c.req.method === 'HEAD') return sendText(c, chunks, headers)
  const compressed = compressors[coding]()
  // A client that disconnects ends the stream: not an error of ours.
  pipeline(Readable.from(encoded(chunks)), compressed, () => undefined)
  return c.body(Readable.toWeb(compressed), 200, headers)
}

const compressors = {
  zstd: () => createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  gzip: () => createGzip({ level: 1 }),
}

/** zstd makes half of what gzip makes, and goes to those who name it; `*` is any client's, and may mean gzip alone. */
function codingFor(accepted: string): keyof typeof compressors | undefined {
  if (/\bzstd\b/i.test(accepted) && acceptsEncoding(accepted, 'zstd')) return 'zstd'
  return acceptsEncoding(accepted, 'gzip') ? 'gzip' : undefined
}

/** `GET /probe?target=&module=&hostname=&debug=`: blackbox_exporter's, for scrape configurations written for it. */
export async function probeResponse(c: Context, ports: Ports): Promise<Response> {
  const { target, module, hostname, debug } = c.req.query()
  const question = {
    target,
    module,
    hostname,
    debug: debug === 'true',
    scrapeTimeout: c.req.header('X-Prometheus-Scrape-Timeout-Seconds'),
  }
  const { status, contentType, text } = await ports.onDemand(question, c.req.raw.signal)
  return c.body(text, status, { 'Content-Type': contentType })
}

/** Writes the targets for `GET /sd`: once for the same farms, however many ask. */
export function createServiceDiscovery(): (farms: readonly Farm[]) => string {
  let written: { readonly farms: readonly Farm[]; readonly text: string } | undefined
  return (farms) => {
    if (written?.farms !== farms) written = { farms, text: JSON.stringify(serviceDiscovery(farms)) }
    return written.text
  }
}

/** The targets that are probed, in the format of Prometheus's http_sd. */
function serviceDiscovery(farms: readonly Farm[]) {
  return farms.flatMap((farm) =>
    [farm.balancer, ...farm.nodes]
      .map((target) => ({
        target,
        checks: farm.checks.filter((check) => check.targets.includes(target.role)),
      }))
      .filter(({ checks }) => checks.length > 0)
      .map(({ target, checks }) => ({
        targets: [hostPort(target)],
        labels: {
          __meta_farmprobe_farm: farm.name,
          __meta_farmprobe_role: target.role,
          __meta_farmprobe_target: target.name,
          __meta_farmprobe_scheme: target.scheme,
          __meta_farmprobe_url: siteUrl(farm.site),
          // Commas at both ends, as Prometheus's own list labels have: a regular expression can match a whole name.
          __meta_farmprobe_checks: `,${checks.map(({ name }) => name).join(',')},`,
        },
      })),
  )
}
