import type { Farm } from '../../model/farm.ts'

/** The name of the node that a balancer's answer speaks of; undefined when it is none of the farm's. */
export type NodeNames = (servedBy: string) => string | undefined

/**
 * Reads what balancers write: a node's name or address, with its port or without, in any case; Apache writes a URL. An address
 * that several nodes share, on different ports, names none of them.
 * After a retry nginx lists every upstream it tried; the last one answered. In a cookie Apache writes a route after a point, and
 * HAProxy dates after a bar.
 */
export function nodeNames(farm: Farm): NodeNames {
  const known = new Map<string, string | undefined>()
  for (const { name, host, port } of farm.nodes)
    for (const alias of [host, `${host}:${port}`, `[${host}]:${port}`].map((each) => each.toLowerCase()))
      known.set(alias, known.has(alias) ? undefined : name)
  for (const { name } of farm.nodes) known.set(name.toLowerCase(), name)
  return (servedBy) => {
    const written = lastOf(servedBy)
      .toLowerCase()
      .replace(/^https?:\/\//, '')
      .replace(/\|.*$/s, '')
    return known.get(written) ?? known.get(written.slice(written.indexOf('.') + 1))
  }
}

const lastOf = (servedBy: string): string => servedBy.split(',').at(-1)?.trim() ?? ''
