import { request as askPlain } from 'node:http'
import { request as askTls } from 'node:https'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { loadWebConfig } from '../config/web_config.ts'
import type { Edge } from './edge.ts'

/** A farmprobe that says nothing for so long is not healthy, in milliseconds. */
const patienceMs = 4000

/**
 * The verb `healthy`: asks the farmprobe of this machine whether it lives, as a container's health check does. Returns
 * the exit code: 0 it does, 1 it does not, 2 a bad configuration.
 */
export async function healthy(options: { file: string; url?: string }, edge: Edge): Promise<number> {
  const urls = options.url === undefined ? await ownUrls(options.file, edge) : [options.url]
  if (urls === undefined) return 2
  const failures: string[] = []
  for (const url of urls) {
    const answer = await ask(url, edge)
    if ('status' in answer && isAlive(answer.status)) {
      edge.stdout.write(`${url}: ${words(answer.status)}\n`)
      return 0
    }
    failures.push(`${url}: ${'status' in answer ? words(answer.status) : answer.why}\n`)
  }
  for (const failure of failures) edge.stderr.write(failure)
  return 1
}

/** Where the configuration has it listen; more than one where that cannot be known. */
async function ownUrls(file: string, edge: Edge): Promise<readonly string[] | undefined> {
  const loaded = await loadConfig(file, edge.env)
  if (!loaded.ok) {
    for (const problem of loaded.problems) edge.stderr.write(`${formatProblem(problem)}\n`)
    return undefined
  }
  const { web } = loaded.config
  const { host, port } = web.health ?? web
  if (port === 0) {
    edge.stderr.write(`${file}: web.listen takes any free port, so nobody can know it; name it with --url\n`)
    return undefined
  }
  const address = `${reachable(host)}:${port}/-/healthy`
  if (web.health !== undefined || web.configFile === undefined) return [`http://${address}`]
  const protection = await loadWebConfig(web.configFile)
  // A running farmprobe goes on with the last good file, which may have asked for TLS or not.
  if (!protection.ok) return [`https://${address}`, `http://${address}`]
  return [`${protection.config.tls === undefined ? 'http' : 'https'}://${address}`]
}

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
