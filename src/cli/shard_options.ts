/** The options about shards. */
import { InvalidArgumentError, Option } from 'commander'
import { mostShards, parseShard, type Shard } from '../model/farm.ts'

/** `--shard 3/11` of `run`, or FARMPROBE_SHARD: the same command line then does for every pod of a StatefulSet. */
export const shardOption = (): Option =>
  new Option('--shard <i/n>', 'probe the farms of shard i of n alone; shards are counted from 0')
    .env('FARMPROBE_SHARD')
    .argParser(shard)

/** `--shards 11` of `check`. */
export const shardsOption = (): Option =>
  new Option('--shards <n>', 'show what each of n shards would have').argParser(shardCount)

function shard(text: string): Shard {
  const parsed = parseShard(text)
  if (parsed === undefined)
    throw new InvalidArgumentError(
      'Give which shard of how many: the first of eleven is 0/11, the last 10/11.',
    )
  return parsed
}

function shardCount(text: string): number {
  const last = parseShard(`${Number(text) - 1}/${text}`)
  if (last === undefined) throw new InvalidArgumentError(`Give a number from 1 to ${mostShards}.`)
  return last.count
}
