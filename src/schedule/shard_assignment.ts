/**
 * Which shard has which farm. Rendezvous hashing: every shard has a score for every farm, and the farm goes to the
 * highest, so that one shard more takes its share from all others and moves little else. Chance alone would give the
 * fullest of 100 shards a quarter more than the mean, or a third; so a shard takes at most 1.2 times the mean, and a
 * farm that finds it full goes to the next highest.
 *
 * The result follows from the names of the farms and the number of shards alone. It is the same on every machine, and
 * has to stay the same in every version: otherwise an upgrade would move farms while old and new run side by side.
 */
import { hash } from 'node:crypto'
import type { Shard } from '../model/farm.ts'

/** The most farms that a shard takes, over the mean. */
const mostOverMean = 1.2

interface Seeded {
  /** Where the name is in the list. */
  readonly at: number
  /** The first 32 bits of the SHA-256 of the name. */
  readonly seed: number
}

/** The same configuration with the farms of one shard only. */
export function ofShard<
  Config extends { readonly farms: readonly { readonly farm: { readonly name: string } }[] },
>(config: Config, { index, count }: Shard): Config {
  const placed = placeFarms(
    config.farms.map(({ farm }) => farm.name),
    count,
  )
  return { ...config, farms: config.farms.filter((_, at) => placed[at] === index) }
}

/** The shard of each farm, in the order of the names, which have to be different. The order changes nothing. */
export function placeFarms(names: readonly string[], shards: number): number[] {
  const salts = Uint32Array.from({ length: shards }, (_, shard) => mixed(shard + 1))
  const room = new Int32Array(shards).fill(Math.ceil((names.length / shards) * mostOverMean))
  const placed = names.map(() => 0)
  for (const { at, seed } of inTurn(names)) {
    const shard = highestWithRoom(seed, salts, room)
    room[shard] = (room[shard] ?? 0) - 1
    placed[at] = shard
  }
  return placed
}

/** The order in which farms choose, by their hash: a farm that comes late in the file is not worse off. */
function inTurn(names: readonly string[]): Seeded[] {
  const seeded = names.map((name, at) => ({ at, seed: seedOf(name) }))
  return seeded.sort((a, b) => a.seed - b.seed || ((names[a.at] ?? '') < (names[b.at] ?? '') ? -1 : 1))
}

const seedOf = (name: string) => Number.parseInt(hash('sha256', name).slice(0, 8), 16)

/** No two shards score the same: the mixing is reversible, and their salts differ. */
function highestWithRoom(seed: number, salts: Uint32Array, room: Int32Array): number {
  let highest = -1
  let chosen = 0
  for (const [shard, salt] of salts.entries()) {
    if ((room[shard] ?? 0) <= 0) continue
    const score = mixed(seed ^ salt)
    if (score <= highest) continue
    highest = score
    chosen = shard
  }
  return chosen
}

/** The finalizer of MurmurHash3, 32 bits: one bit of difference changes half of the result. */
function mixed(value: number): number {
  let bits = value ^ (value >>> 16)
  bits = Math.imul(bits, 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
