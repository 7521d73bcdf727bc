import { request as askPlain } from 'node:http'
import { request as askTls } from 'node:https'
import { loadConfig } from '../config/load_config.ts'
import { builtIn } from '../config/schema/config_keys.ts'
import { loadWebConfig } from '../config/web/web_config.ts'
import { formatProblem } from '../config/yaml/problem.ts'
import { hideInUrl } from '../secrets/hide.ts'
import type { Edge } from './process_edge.ts'

/** A farmprobe that does not answer for this long is not healthy. */
const timeoutMs = 4000

export interface HealthyOptions {
  /** The configuration that names where it listens. */
  readonly config: string
  /** Ask here instead. */
  readonly url?: string
}

/**
 * The verb `healthy`: asks the farmprobe of this machine whether it is alive, as a container's health check does.
 * Returns the exit code: 0 it is, 1 it is not.
 */
export async function healthy({ config, url: given }: HealthyOptions, edge: Edge): Promise<number> {
  const { urls, remarks } = given === undefined ? await ownUrls(config, edge) : only(given)
  const failures = [...remarks]
  for (const url of urls) {
    const answer = await ask(url, edge)
    const alive = typeof answer === 'number' ? aliveWords[answer] : undefined
    if (alive !== undefined) {
      edge.stdout.write(`${hideInUrl(url)}: ${alive}\n`)
      return 0
    }
    failures.push(`${hideInUrl(url)}: ${typeof answer === 'number' ? `answers ${answer}` : answer}`)
  }
  for (const failure of failures) edge.stderr.write(`${failure}\n`)
  return 1
}

interface Places {
  /** Asked one after the other, until one answers. */
  readonly urls: readonly string[]
  /** What to report when none does. */
  readonly remarks: readonly string[]
}

const only = (...urls: readonly string[]): Places => ({ urls, remarks: [] })

/** Where the configuration makes it listen; more than one place where that cannot be known. */
async function ownUrls(file: string, edge: Edge): Promise<Places> {
  const loaded = await loadConfig(file, edge.env)
  // A demo has no file, and a running farmprobe goes on with the last good one: it may listen at the default address.
  if (!loaded.ok)
    return { urls: [`http://${pathAt(builtIn.web.listen)}`], remarks: loaded.problems.map(formatProblem) }
  const { web } = loaded.config
  const place = web.health ?? web
  if (place.port === 0)
    return {
      urls: [],
      remarks: [
        `${file}: web.listen takes any free port, which cannot be known from here; name it with --url`,
      ],
    }
  if (web.health !== undefined || web.configFile === undefined) return only(`http://${pathAt(place)}`)
  const protection = await loadWebConfig(web.configFile)
  // It goes on with the last good file, which may have had TLS or not.
  if (!protection.ok) return only(`https://${pathAt(place)}`, `http://${pathAt(place)}`)
  return only(`${protection.config.tls === undefined ? 'http' : 'https'}://${pathAt(place)}`)
}

const pathAt = ({ host, port }: { host: string; port: number }) => `${reachable(host)}:${port}/-/healthy`

function reachable(host: string): string {
  const own = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return own.includes(':') ? `[${own}]` : own
}

/** A farmprobe that asks for a password, or limits the rate, is alive. */
const aliveWords: Readonly<Record<number, string>> = {
  200: 'healthy',
  401: 'healthy, and asks for a password',
  429: 'healthy, and limits the rate of requests',
}

/** The status that it answers with, or why it does not answer. */
function ask(url: string, { clock }: Edge): Promise<number | string> {
  const { promise, resolve } = Promise.withResolvers<number | string>()
  const isTls = url.startsWith('https:')
  const request = isTls
    ? // No secret is sent, and the question is whether it is alive, not who it is.
      askTls(url, { rejectUnauthorized: false, agent: false })
    : askPlain(url, { agent: false })
  const cancel = clock.after(timeoutMs, () =>
    request.destroy(new Error(`no answer within ${timeoutMs / 1000}s`)),
  )
  request.on('response', ({ statusCode = 0 }) => {
    resolve(statusCode)
    request.destroy()
  })
  request.on('error', (error: NodeJS.ErrnoException) => resolve(whyNot(error)))
  request.on('close', cancel)
  request.end()
  return promise
}

function whyNot({ code = '', message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'nothing listens there'
  if (/certificate.required/i.test(`${code} ${message}`) || code === 'ECONNRESET')
    return 'the connection was closed; where client certificates are required, set web.health_listen'
  return message
}
