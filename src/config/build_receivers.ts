import type { Endpoint, Receiver } from '../model/receiver.ts'
import { inlineOrFile, readAuthorization, readTls, refuseHalfPair } from './farm/credentials.ts'
import { whereWritten } from './farm/layers.ts'
import { parseEndpoint } from './schema/addresses_and_urls.ts'
import { settle, type Written } from './schema/part.ts'
import { alertmanagerKeys, type SettledWebhook, webhookKeys } from './schema/receiver_keys.ts'
import type { Path } from './yaml/problem.ts'
import type { Reading } from './yaml/reading.ts'

/** As they are written; one that is wrong is undefined, and a problem already. */
interface WrittenReceivers {
  readonly alertmanagers: readonly (Written<typeof alertmanagerKeys> | undefined)[]
  readonly webhooks: readonly (Written<typeof webhookKeys> | undefined)[]
}

/** Builds all receivers of incidents. When the reading has a problem with one, the result must not be used. */
export async function buildReceivers(
  { alertmanagers, webhooks }: WrittenReceivers,
  reading: Reading,
): Promise<readonly Receiver[]> {
  const takeName = namesOnce(reading)
  const built: Receiver[] = []
  for (const [index, written] of alertmanagers.entries()) {
    if (written === undefined) continue
    const settled = settle(alertmanagerKeys, written)
    const path = ['alertmanagers', index]
    const url = apiOf(settled.url)
    built.push({ kind: 'alertmanager', ...(await endpoint(url, [], settled, path, takeName, reading)) })
  }
  for (const [index, written] of webhooks.entries()) {
    if (written === undefined) continue
    const settled = settle(webhookKeys, written)
    const path = ['webhooks', index]
    const { format, on, impacts, headers } = settled
    const url = await webhookUrl(settled, path, reading)
    for (const [key, chosen] of Object.entries({ on, impact: impacts }))
      if (chosen.length === 0) reading.problem([...path, key], 'an empty list: nothing would be sent')
    const about = await endpoint(url, headers, settled, path, takeName, reading)
    built.push({ kind: 'webhook', ...about, format, on, impacts })
  }
  return built
}

/** Where an Alertmanager takes alerts, below the path that it is served at. */
function apiOf(url: string): string {
  const api = new URL(url)
  api.pathname = `${api.pathname.replace(/\/$/, '')}/api/v2/alerts`
  return api.href
}

/** Stands for a URL that is missing or wrong, which is a problem already. */
const noUrl = 'http://localhost'

async function webhookUrl({ url, urlFile }: SettledWebhook, path: Path, reading: Reading): Promise<string> {
  if (url === undefined && urlFile === undefined) {
    const hasOne = ['url', 'url_file'].some((key) => reading.tree.has([...path, key]))
    if (!hasOne) reading.problem(path, 'no URL; write url or url_file')
    return noUrl
  }
  const at = [...path, 'url_file']
  const written = (await inlineOrFile(reading, url, urlFile, at))?.trim()
  if (written === undefined || written === '') return noUrl
  const parsed = parseEndpoint(written)
  if (typeof parsed !== 'string') return parsed.href
  reading.problem(at, `in the file: ${parsed}; write a URL such as https://hooks.example.org/farmprobe`)
  return noUrl
}

type Settled = Pick<SettledWebhook, 'name' | 'auth' | 'tls'>

async function endpoint(
  url: string,
  headers: Endpoint['headers'],
  settled: Settled,
  path: Path,
  takeName: ReturnType<typeof namesOnce>,
  reading: Reading,
): Promise<Endpoint> {
  const secured = { settled, ...whereWritten(path, reading.tree) }
  refuseHalfPair(secured, reading)
  if (url.startsWith('http:') && reading.tree.has([...path, 'tls']))
    reading.problem([...path, 'tls'], 'tls settings with an http URL; write https, or leave them out')
  const authorization = await readAuthorization(secured, reading)
  const tls = await readTls(secured, reading)
  const name = takeName(settled.name, url, path)
  return { name, url, headers, tls, ...(authorization !== undefined && { authorization }) }
}

/** Gives each receiver a name of its own: the written one, or that of its host. */
function namesOnce(reading: Reading) {
  const taken = new Map<string, Path>()
  const unused = (host: string, count = 1): string => {
    const name = count === 1 ? host : `${host} (${count})`
    return taken.has(name) ? unused(host, count + 1) : name
  }
  return (written: string | undefined, url: string, path: Path): string => {
    const first = written === undefined ? undefined : taken.get(written)
    if (first !== undefined)
      reading.problem(
        [...path, 'name'],
        `a name used twice: ${JSON.stringify(written)}; ${reading.tree.problem(first, '').path} has it too`,
      )
    const name = written ?? unused(new URL(url).host)
    taken.set(name, path)
    return name
  }
}
