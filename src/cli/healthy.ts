import { request as askPlain } from 'node:http'
import { request as askTls } from 'node:https'
import { loadConfig } from '../config/load_config.ts'
import { builtIn } from '../config/schema/config_keys.ts'
import { loadWebConfig } from '../config/web/web_config.ts'
import { formatProblem } from '../config/yaml/problem.ts'
import type { Edge } from './terminal.ts'

/** A farmprobe that says nothing for so long is not healthy, in milliseconds. */
const patienceMs = 4000

/**
 * The verb `healthy`: asks the farmprobe of this machine whether it lives, as a container's health check does. Returns
 * the exit code: 0 it does, 1 it does not.
 */
export async function healthy(options: { file: string; url?: string }, edge: Edge): Promise<number> {
  const { urls, remarks } = options.url === undefined ? await ownUrls(options.file, edge) : only(options.url)
  const failures = [...remarks]
  for (const url of urls) {
    const answer = await ask(url, edge)
    if ('status' in answer && isAlive(answer.status)) {
      edge.stdout.write(`${url}: ${words(answer.status)}\n`)
      return 0
    }
    failures.push(`${url}: ${'status' in answer ? words(answer.status) : answer.why}`)
  }
  for (const failure of failures) edge.stderr.write(`${failure}\n`)
  return 1
}

interface Places {
  /** To be asked one after the other, until one answers. */
  readonly urls: readonly string[]
  /** What to tell when none does. */
  readonly remarks: readonly string[]
}

const only = (...urls: readonly string[]): Places => ({ urls, remarks: [] })

/** Where the configuration has it listen; more than one place where that cannot be known. */
async function ownUrls(file: string, edge: Edge): Promise<Places> {
  const loaded = await loadConfig(file, edge.env)
  // A demo has none, and a running farmprobe goes on with the last good one: it may well be where it is by default.
  if (!loaded.ok)
    return { urls: [`http://${pathAt(builtIn.web.listen)}`], remarks: loaded.problems.map(formatProblem) }
  const { web } = loaded.config
  const place = web.health ?? web
  if (place.port === 0)
    return {
      urls: [],
      remarks: [`${file}: web.listen takes any free port, so nobody can know it; name it with --url`],
    }
  if (web.health !== undefined || web.configFile === undefined) return only(`http://${pathAt(place)}`)
  const protection = await loadWebConfig(web.configFile)
  // The last good file, with which it goes on, may have asked for TLS or not.
  if (!protection.ok) return only(`https://${pathAt(place)}`, `http://${pathAt(place)}`)
  return only(`${protection.config.tls === undefined ? 'http' : 'https'}://${pathAt(place)}`)
}

const pathAt = ({ host, port }: { host: string; port: number }) => `${reachable(host)}:${port}/-/healthy`

function reachable(host: string): string {
  const own = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return own.includes(':') ? `[${own}]` : own
}

/** Whoever asks for a password, or finds that enough was asked, lives. */
const isAlive = (status: number) => status === 200 || status === 401 || status === 429

function words(status: number): string {
  if (status === 200) return 'healthy'
  if (status === 401) return 'healthy, and asks for a password'
  return status === 429 ? 'healthy, and has been asked too often' : `answers ${status}`
}

function ask(url: string, { clock }: Edge): Promise<{ status: number } | { why: string }> {
  const { promise, resolve } = Promise.withResolvers<{ status: number } | { why: string }>()
  const isTls = url.startsWith('https:')
  const request = isTls
    ? // No secret is sent, and what is asked is whether it lives, not who it is.
      askTls(url, { rejectUnauthorized: false, agent: false })
    : askPlain(url, { agent: false })
  const cancel = clock.after(patienceMs, () =>
    request.destroy(new Error(`no answer within ${patienceMs / 1000}s`)),
  )
  request.on('response', ({ statusCode = 0 }) => {
    resolve({ status: statusCode })
    request.destroy()
  })
  request.on('error', (error: NodeJS.ErrnoException) => resolve({ why: whyNot(error) }))
  request.on('close', cancel)
  request.end()
  return promise
}

function whyNot({ code = '', message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'nobody listens there'
  if (/certificate.required/i.test(`${code} ${message}`) || code === 'ECONNRESET')
    return 'the connection was closed; where client certificates are required, set web.health_listen'
  return message
}
