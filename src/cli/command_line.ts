/** The verbs, their options and their help. Each verb is a file of its own, loaded when it is asked for. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import type { Shard } from '../model/farm.ts'
import { systemClock } from '../runtime/clock.ts'
import { parseDurationMs } from '../runtime/duration.ts'
import { createLog, type LogFormat, type LogLevel, logFormats, logLevels } from '../runtime/log.ts'
import { shardOption, shardsOption } from './shard_options.ts'
import type { Edge } from './terminal.ts'
import { version } from './version.ts'

const defaultFile = 'config/farmprobe.yaml'

const firstSteps = `
First steps:
  farmprobe demo                      see it work on a simulated farm
  farmprobe check my-farm.yaml        is the configuration right?
  farmprobe once -c my-farm.yaml      one probe of everything, explained
  farmprobe run -c my-farm.yaml       probe for good; Prometheus scrapes http://HOST:9502/metrics
`

const exitCodes = `
Exit codes: 0 all is well, 1 a probe failed (once), no life (healthy), nothing to import (import) or findings (audit),
2 the configuration or the command line is wrong.
Data goes to standard output, everything else to standard error.`

/** Runs the verb that `args` name; the exit code comes back. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode = 0
  const program = describeVerbs((code) => {
    exitCode = code
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}

function describeVerbs(exitWith: (code: number) => void): Command {
  const program = new Command('farmprobe')
    .description(
      'Probes every node of a web farm and its load balancer, catches 502s and cold first requests, ' +
        'and names the node and the cause.',
    )
    .version(version, '--version', 'print the version')
    .showHelpAfterError('(farmprobe --help explains the verbs)')
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', `${firstSteps}${exitCodes}`)
  for (const addVerb of [addRun, addCheck, addOnce, addHealthy, addDemo, addReport, addImport, addAudit])
    addVerb(program, exitWith)
  for (const verb of program.commands) addLogOptions(verb).exitOverride()
  return program
}

type AddVerb = (program: Command, exitWith: (code: number) => void) => void

const addRun: AddVerb = (program, exitWith) => {
  program
    .command('run')
    .description('probe until SIGTERM or SIGINT; SIGHUP reloads the configuration')
    .addHelpText(
      'after',
      examples('run -c my-farm.yaml', 'run --log-format json --log-level debug   # one line a probe'),
    )
    .option('-c, --config <file>', 'configuration file', defaultFile)
    .option('--web.enable-lifecycle', 'allow POST /-/reload and POST /api/v1/maintenance')
    .addOption(shardOption())
    .action(async (options: LogOptions & { config: string; 'web.enableLifecycle'?: true; shard?: Shard }) => {
      const { run } = await import('./run.ts')
      const { config: file, 'web.enableLifecycle': lifecycle = false, shard } = options
      exitWith(await run({ file, lifecycle, ...(shard && { shard }) }, edgeFor(options)))
    })
}

const addCheck: AddVerb = (program, exitWith) => {
  program
    .command('check')
    .description(
      'validate a configuration: every problem with its place, what was given, what would be right',
    )
    .argument('[file]', 'configuration file', defaultFile)
    .addOption(shardsOption())
    .addHelpText(
      'after',
      examples(
        'check my-farm.yaml',
        'check my-farm.yaml && kill -HUP $(pidof farmprobe)',
        'check my-farm.yaml --shards 11',
      ),
    )
    .action(async (file: string, options: LogOptions & { shards?: number }) => {
      const { check } = await import('./check.ts')
      exitWith(await check(file, edgeFor(options), options.shards))
    })
}

const addOnce: AddVerb = (program, exitWith) => {
  program
    .command('once')
    .description('probe every check on every target once and show what each took and why it failed')
    .option('-c, --config <file>', 'configuration file', defaultFile)
    .option('--json', 'one JSON document instead of the table')
    .option('--farm <name>', 'only this farm')
    .addHelpText('after', examples('once --farm intranet', "once --json | jq '.findings[].verdict'"))
    .action(async (options: LogOptions & { config: string; json?: true; farm?: string }) => {
      const { once } = await import('./once.ts')
      const { config: file, json = false, farm } = options
      exitWith(await once({ file, json, ...(farm === undefined ? {} : { farm }) }, edgeFor(options)))
    })
}

const addHealthy: AddVerb = (program, exitWith) => {
  program
    .command('healthy')
    .description("ask this machine's farmprobe whether it lives, over TLS and with passwords on too")
    .option('-c, --config <file>', 'configuration file, which names where it listens', defaultFile)
    .addOption(new Option('--url <url>', 'ask here instead').env('FARMPROBE_HEALTH_URL'))
    .addHelpText('after', examples('healthy', 'healthy --url http://127.0.0.1:9504/-/healthy'))
    .action(async (options: LogOptions & { config: string; url?: string }) => {
      const { healthy } = await import('./healthy.ts')
      const { config: file, url } = options
      exitWith(await healthy({ file, ...(url !== undefined && { url }) }, edgeFor(options)))
    })
}

const addDemo: AddVerb = (program, exitWith) => {
  program
    .command('demo')
    .description(
      'start a simulated farm that really recycles and probe it: a commentary, the page and /metrics',
    )
    .option('--seed <n>', 'the same seed gives the same farm', wholeNumber, 1)
    .option('--host <address>', 'address of the page and /metrics; in a container 0.0.0.0', '127.0.0.1')
    .option('--port <n>', 'port of the page and /metrics; 0 takes a free one', wholeNumber, 9502)
    .option('--for <duration>', 'stop by itself after this, such as 30s or 5m', duration)
    .addHelpText('after', examples('demo', 'demo --seed 7 --for 2m'))
    .action(async (options: LogOptions & { seed: number; host: string; port: number; for?: number }) => {
      const { demo } = await import('./demo.ts')
      const { seed, host, port, for: forMs } = options
      exitWith(await demo({ seed, host, port, ...(forMs === undefined ? {} : { forMs }) }, edgeFor(options)))
    })
}

const addImport: AddVerb = (program, exitWith) => {
  program
    .command('import')
    .description(
      "write the farms that IIS's applicationHost.config knows as a configuration, to standard output",
    )
    .argument('<file>', 'applicationHost.config of the balancer, or of a node')
    .addHelpText('after', examples('import applicationHost.config > my-farm.yaml', 'check my-farm.yaml'))
    .action(async (file: string, options: LogOptions) => {
      const { importFile } = await import('./import.ts')
      exitWith(await importFile(file, edgeFor(options)))
    })
}

const addAudit: AddVerb = (program, exitWith) => {
  program
    .command('audit')
    .description(
      'find what makes users wait or get a 502 in IIS configurations, worst first, with the commands that mend it; ' +
        'several files are compared as nodes of a farm. Nothing is run or changed',
    )
    .argument('<files...>', 'applicationHost.config of each node, and of the balancer')
    .option('--json', 'one JSON document')
    .addOption(new Option('--sarif', 'SARIF 2.1.0, for code scanning').conflicts('json'))
    .addHelpText(
      'after',
      examples('audit applicationHost.config', 'audit balancer.config web01.config web02.config'),
    )
    .action(async (files: string[], options: LogOptions & { json?: true; sarif?: true }) => {
      const { auditFiles } = await import('./audit.ts')
      const format = options.json ? 'json' : options.sarif ? 'sarif' : 'text'
      exitWith(await auditFiles(files, format, edgeFor(options)))
    })
}

const addReport: AddVerb = (program, exitWith) => {
  program
    .command('report')
    .description(
      'what happened, from the journal that run writes: errors, recycles, before and after each mark',
    )
    .option('-c, --config <file>', 'configuration file, which names the journal', defaultFile)
    .addOption(
      new Option('--since <duration>', 'how far back').argParser(duration).default(7 * 86_400_000, '7d'),
    )
    .option('--farm <name>', 'only this farm')
    .addOption(new Option('--json', 'one JSON document instead of the text').conflicts('html'))
    .option('--html <file>', 'write one self-contained page with charts instead')
    .addHelpText('after', examples('report --since 30d', 'report --since 14d --html before-and-after.html'))
    .action(
      async (
        options: LogOptions & { config: string; since: number; farm?: string; json?: true; html?: string },
      ) => {
        const { report } = await import('./report.ts')
        const { config: file, since: sinceMs, farm, json = false, html } = options
        const narrowed = { ...(farm !== undefined && { farm }), ...(html !== undefined && { html }) }
        exitWith(await report({ file, sinceMs, json, ...narrowed }, edgeFor(options)))
      },
    )
}

const examples = (...lines: readonly string[]) =>
  `\nExamples:\n${lines.map((line) => `  farmprobe ${line}\n`).join('')}`

interface LogOptions {
  logLevel: LogLevel
  logFormat: LogFormat
}

function addLogOptions(verb: Command): Command {
  return verb
    .addOption(
      new Option('--log-level <level>', 'least severe level to log').choices(logLevels).default('info'),
    )
    .addOption(
      new Option('--log-format <format>', 'lines for people or for machines')
        .choices(logFormats)
        .default('text'),
    )
}

function edgeFor({ logLevel, logFormat }: LogOptions): Edge {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    clock: systemClock,
    log: createLog(logLevel, logFormat, process.stderr),
    signals: process,
  }
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number, such as 1.')
  return Number(text)
}

function duration(text: string): number {
  const ms = parseDurationMs(text)
  if (ms === undefined) throw new InvalidArgumentError('Give a duration, such as 30s, 5m or 1h30m.')
  return ms
}
