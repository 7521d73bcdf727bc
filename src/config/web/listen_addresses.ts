/** Where our own pages are served. */

import type { Config } from '../config.ts'
import { formatAddress } from '../schema/addresses_and_urls.ts'
import { builtIn } from '../schema/built_in_defaults.ts'
import type { WrittenFile } from '../schema/file_schema.ts'
import type { Reading } from '../yaml/reading.ts'

type Place = Pick<Config['web'], 'host' | 'port'>

const keys = ['listen', 'metrics_listen', 'health_listen'] as const

/** The places that a file names, proved different. */
export function buildListens(
  web: WrittenFile['web'],
  reading: Reading,
): Place & Pick<Config['web'], 'metrics' | 'health'> {
  const usual: Place = { host: builtIn.host, port: builtIn.port }
  const places = { listen: usual, ...web }
  for (const [index, key] of keys.entries()) {
    const place = places[key]
    const rival = keys.slice(0, index).find((each) => overlap(places[each], place))
    if (place !== undefined && rival !== undefined)
      reading.problem(
        ['web', key],
        `${formatAddress(place.host, place.port)} is taken by ${rival}; give each a port of its own`,
      )
  }
  const { metrics_listen: metrics, health_listen: health } = web ?? {}
  return {
    ...(web?.listen ?? usual),
    ...(metrics !== undefined && { metrics }),
    ...(health !== undefined && { health }),
  }
}

const everywhere = new Set(['0.0.0.0', '::'])

/** Whether two servers cannot be had in both places; port 0 is another one each time. */
function overlap(a: Place | undefined, b: Place | undefined): boolean {
  if (a === undefined || b === undefined || a.port === 0 || a.port !== b.port) return false
  return a.host === b.host || everywhere.has(a.host) || everywhere.has(b.host)
}
