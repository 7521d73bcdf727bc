/** The verbs, their options and their help. Each verb is a file of its own, which is loaded when it is needed. */
import { Command, CommanderError, Option } from 'commander'
import type { CheckOptions } from './check.ts'
import type { DemoOptions } from './demo.ts'
import type { HealthyOptions } from './healthy.ts'
import { iisVerbs } from './iis_verbs.ts'
import type { OnceOptions } from './once.ts'
import {
  defaultFile,
  duration,
  examples,
  httpUrl,
  type JournalFlags,
  listenOption,
  logFormat,
  logLevel,
  port,
  shardOption,
  shardsOption,
  sinceOption,
  webConfigOption,
  wholeNumber,
  withConfig,
} from './options.ts'
import { type LogOptions, processEdge, version } from './process_edge.ts'
import type { RunOptions } from './run.ts'
import type { Act, AddVerb } from './verb.ts'

const firstSteps = `
First steps:
  farmprobe demo                      see it work on a simulated farm
  farmprobe check my-farm.yaml        is the configuration right?
  farmprobe once -c my-farm.yaml      one probe of everything, explained
  farmprobe run -c my-farm.yaml       probe for good; Prometheus scrapes http://HOST:9502/metrics
`

const exitCodes = `
Exit codes: 0 all is well, 1 a probe failed or no node was discovered (once), no answer (healthy), no such incident
(incidents), nothing to import (import), findings (audit) or incidents (explain), 2 the configuration or the command line
is wrong.
Data goes to standard output, everything else to standard error.`

/** Runs the verb that `args` name; returns the exit code. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode = 0
  const program = describeVerbs(async (options, run) => {
    exitCode = await run(processEdge(options))
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    throw error
  }
}

function describeVerbs(act: Act): Command {
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
  for (const addVerb of [
    addRun,
    addCheck,
    addOnce,
    addHealthy,
    addDemo,
    addIncidents,
    addReport,
    ...iisVerbs,
  ])
    addVerb(program, act)
  for (const verb of program.commands) verb.addOption(logLevel).addOption(logFormat).exitOverride()
  return program
}

const addRun: AddVerb = (program, act) => {
  withConfig(program.command('run'), 'configuration file')
    .description('probe until SIGTERM or SIGINT; SIGHUP, or on Windows saving it, reloads the configuration')
    .option('--web.enable-lifecycle', 'allow POST /-/reload and POST /api/v1/maintenance')
    .option(
      '--metrics.native-histograms',
      'offer native histograms, too, to a Prometheus that asks for its protobuf format; needs its scrape_native_histograms',
    )
    .addOption(listenOption)
    .addOption(webConfigOption)
    .addOption(shardOption)
    .addHelpText(
      'after',
      examples('run -c my-farm.yaml', 'run --log-format json --log-level debug   # one line a probe'),
    )
    .action((options: LogOptions & RunOptions) =>
      act(options, async (edge) => (await import('./run.ts')).run(options, edge)),
    )
}

const addCheck: AddVerb = (program, act) => {
  program
    .command('check')
    .description(
      'validate a configuration: every problem with its place, what was given, what would be right',
    )
    .argument('[file]', 'configuration file', defaultFile)
    .addOption(shardsOption)
    .addHelpText(
      'after',
      examples(
        'check my-farm.yaml',
        'check my-farm.yaml && kill -HUP $(pidof farmprobe)',
        'check my-farm.yaml --shards 11',
      ),
    )
    .action((file: string, options: LogOptions & CheckOptions) =>
      act(options, async (edge) => (await import('./check.ts')).check(file, options, edge)),
    )
}

const addOnce: AddVerb = (program, act) => {
  withConfig(program.command('once'), 'configuration file')
    .description('probe every check on every target once and show what each took and why it failed')
    .option('--json', 'one JSON document instead of the table')
    .option('--farm <name>', 'only this farm')
    .addHelpText('after', examples('once --farm intranet', "once --json | jq '.findings[].verdict'"))
    .action((options: LogOptions & OnceOptions) =>
      act(options, async (edge) => (await import('./once.ts')).once(options, edge)),
    )
}

const addHealthy: AddVerb = (program, act) => {
  withConfig(program.command('healthy'), 'configuration file, which names where it listens')
    .description("ask this machine's farmprobe whether it answers, over TLS and with passwords on too")
    .addOption(new Option('--url <url>', 'ask here instead').env('FARMPROBE_HEALTH_URL').argParser(httpUrl))
    .addHelpText('after', examples('healthy', 'healthy --url http://127.0.0.1:9504/-/healthy'))
    .action((options: LogOptions & HealthyOptions) =>
      act(options, async (edge) => (await import('./healthy.ts')).healthy(options, edge)),
    )
}

const addDemo: AddVerb = (program, act) => {
  program
    .command('demo')
    .description(
      'start a simulated farm that really recycles and probe it: a commentary, the page and /metrics',
    )
    .option('--seed <n>', 'the same seed gives the same farm', wholeNumber, 1)
    .option('--host <address>', 'address of the page and /metrics; in a container 0.0.0.0', '127.0.0.1')
    .option('--port <n>', 'port of the page and /metrics; 0 takes a free one', port, 9502)
    .option('--for <duration>', 'stop by itself after this, such as 30s or 5m', duration)
    .addHelpText('after', examples('demo', 'demo --seed 7 --for 2m'))
    .action((options: LogOptions & DemoOptions) =>
      act(options, async (edge) => (await import('./demo.ts')).demo(options, edge)),
    )
}

const addIncidents: AddVerb = (program, act) => {
  withConfig(program.command('incidents'), 'configuration file, which names the journal')
    .description(
      'the incidents, a line each, the newest first: when, how long, what users had of it, who caused it; ' +
        'with the id of one, all that is known of it, as text for a ticket',
    )
    .argument('[id]', 'tell this one whole; its id is at the end of its line, in the log and on the page')
    .addOption(sinceOption)
    .option('--farm <name>', 'only this farm')
    .option('--json', 'one JSON document, as /api/v1/incidents has it')
    .addHelpText(
      'after',
      `
An incident is one trouble of one farm, from its first sign to its last. Times are those of this machine's zone
(TZ=UTC farmprobe incidents: in UTC). It reads the journal, also while run writes it.
${examples(
  'incidents --since 30d --farm intranet',
  'incidents intranet-20261201-030218',
  'incidents --json | jq \'.incidents[] | select(.impact == "users") | .summary\'',
)}`,
    )
    .action((id: string | undefined, options: LogOptions & Omit<JournalFlags, 'html'>) => {
      const { config: file, since: sinceMs, json = false, farm } = options
      return act(options, async (edge) =>
        (await import('./tell_incidents.ts')).incidents({ file, sinceMs, json, farm, id }, edge),
      )
    })
}

const addReport: AddVerb = (program, act) => {
  withConfig(program.command('report'), 'configuration file, which names the journal')
    .description(
      'what happened, from the journal that run writes: errors, recycles, before and after each mark',
    )
    .addOption(sinceOption)
    .option('--farm <name>', 'only this farm')
    .addOption(new Option('--json', 'one JSON document instead of the text').conflicts('html'))
    .option('--html <file>', 'write one self-contained page with charts instead')
    .addHelpText('after', examples('report --since 30d', 'report --since 14d --html before-and-after.html'))
    .action((options: LogOptions & JournalFlags) => {
      const { config: file, since: sinceMs, json = false, ...narrowed } = options
      return act(options, async (edge) =>
        (await import('./report.ts')).report({ file, sinceMs, json, ...narrowed }, edge),
      )
    })
}
