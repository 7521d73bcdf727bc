/** Which part of the farms a process has, when one process is not enough: whole farms, each in exactly one shard. */
export interface Shard {
  /** Counted from 0, as Kubernetes counts the pods of a StatefulSet. */
  readonly index: number
  readonly count: number
}

/** Far above what anybody needs, and yet placing the farms stays a matter of milliseconds. */
export const mostShards = 1000

/** Reads `3/11`, the fourth of eleven; undefined when it is no shard. */
export function parseShard(text: string): Shard | undefined {
  const [, index, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []
  const shard = { index: Number(index), count: Number(count) }
  return shard.index < shard.count && shard.count <= mostShards ? shard : undefined
}

/** As it is written, such as `3/11`. */
export const shardText = ({ index, count }: Shard): string => `${index}/${count}`
