/** Options that several verbs have, and how the values of options are read. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type ListenAddress, parseListen } from '../config/schema/addresses_and_urls.ts'
import { mostShards, parseShard, type Shard } from '../model/farm.ts'
import { dayMs, parseDurationMs } from '../runtime/duration.ts'
import { logFormats, logLevels } from '../runtime/log.ts'

export const defaultFile = 'config/farmprobe.yaml'

/** Gives a verb its configuration file, also by the name that exporters of Prometheus have for it. */
export const withConfig = (verb: Command, what: string): Command =>
  verb
    .addOption(new Option('-c, --config <file>', what).default(defaultFile))
    .addOption(new Option('--config.file <file>', 'the same'))
    .on('option:config.file', (file: string) => verb.setOptionValue('config', file))

export const logLevel = new Option('--log-level <level>', 'least severe level to log')
  .choices(logLevels)
  .default('info')

export const logFormat = new Option('--log-format <format>', 'lines for people or for machines')
  .choices(logFormats)
  .default('text')

export const examples = (...lines: readonly string[]) =>
  `\nExamples:\n${lines.map((line) => `  farmprobe ${line}\n`).join('')}`

/** Parses an option with a function that gives undefined for what is none, and says what would be right. */
const parsed =
  <Value>(parse: (text: string) => Value | undefined, right: string) =>
  (text: string): Value => {
    const value = parse(text)
    if (value === undefined) throw new InvalidArgumentError(right)
    return value
  }

export const wholeNumber = parsed(
  (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined),
  'Give a whole number, such as 1.',
)

export const port = parsed(
  (text) => (/^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined),
  'Give a port from 0 to 65535.',
)

export const httpUrl = parsed(
  (text) => (/^https?:$/.test(URL.parse(text)?.protocol ?? '') ? text : undefined),
  'Give a URL that begins with http:// or https://, such as http://127.0.0.1:9502/-/healthy.',
)

export const duration = parsed(parseDurationMs, 'Give a duration, such as 30s, 5m or 1h30m.')

/** Wall milliseconds of a time in UTC. */
export const moment = parsed((text) => {
  const [, day, clock] = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)Z?)?$/.exec(text) ?? []
  const atMs = Date.parse(`${day}T${clock ?? '00:00'}Z`)
  return Number.isNaN(atMs) ? undefined : atMs
}, 'Give a day or a time in UTC, such as 2026-03-03 or 2026-03-03T08:14Z.')

/** Of the verbs that read the journal. */
export const sinceOption = new Option('--since <duration>', 'how far back')
  .argParser(duration)
  .default(7 * dayMs, '7d')

export interface JournalFlags {
  readonly config: string
  readonly since: number
  readonly farm?: string
  readonly json?: true
  readonly html?: string
}

const shard = parsed<Shard>(
  parseShard,
  'Give which shard of how many: the first of eleven is 0/11, the last 10/11.',
)

const shardCount = parsed(
  (text) => parseShard(`${Number(text) - 1}/${text}`)?.count,
  `Give a number from 1 to ${mostShards}.`,
)

/** Of `run`, or FARMPROBE_SHARD: the same command line then serves for every pod of a StatefulSet. */
export const shardOption = new Option(
  '--shard <i/n>',
  'probe the farms of shard i of n alone; shards are counted from 0',
)
  .env('FARMPROBE_SHARD')
  .argParser(shard)

/** Of `check`. */
export const shardsOption = new Option('--shards <n>', 'show what each of n shards would have').argParser(
  shardCount,
)

/** Of `run`: what flags as exporters have them put in place of the configuration's. */
export interface WebFlags {
  readonly 'web.listenAddress'?: ListenAddress
  readonly 'web.config.file'?: string
}

export const listenOption = new Option(
  '--web.listen-address <address>',
  'where to serve the page and /metrics, instead of web.listen',
).argParser(
  parsed((text) => {
    const found = parseListen(text)
    return typeof found === 'string' ? undefined : found
  }, 'Give an address and a port, such as 0.0.0.0:9502 or :9502.'),
)

export const webConfigOption = new Option(
  '--web.config.file <file>',
  'what protects them, instead of web.config_file',
)
