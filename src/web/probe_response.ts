import type { Context } from 'hono'
import type { Ports } from './web_ports.ts'

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
