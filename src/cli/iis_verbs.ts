/** The verbs that read what IIS has: its configuration and its logs. */
import { Option } from 'commander'
import type { AuditOptions } from './audit.ts'
import type { ExplainFlags } from './explain.ts'
import { namedFiles } from './named_files.ts'
import { examples, moment } from './options.ts'
import type { LogOptions } from './process_edge.ts'
import type { AddVerb } from './verb.ts'

const addImport: AddVerb = (program, act) => {
  program
    .command('import')
    .description(
      "write the farms that IIS's applicationHost.config knows as a configuration, to standard output",
    )
    .argument('<file>', 'applicationHost.config of the balancer, or of a node')
    .addHelpText('after', examples('import applicationHost.config > my-farm.yaml', 'check my-farm.yaml'))
    .action((file: string, options: LogOptions) =>
      act(options, async (edge) => (await import('./import.ts')).importFile(file, edge)),
    )
}

const addAudit: AddVerb = (program, act) => {
  program
    .command('audit')
    .description(
      'find what makes users wait or get a 502 in IIS configurations, worst first, with the commands that correct it; ' +
        'several files are compared as nodes of a farm. Nothing is run or changed',
    )
    .argument('<files...>', 'applicationHost.config of each node, and of the balancer')
    .option('--json', 'one JSON document')
    .addOption(new Option('--sarif', 'SARIF 2.1.0, for code scanning').conflicts('json'))
    .addHelpText(
      'after',
      examples('audit applicationHost.config', 'audit balancer.config web01.config web02.config'),
    )
    .action((files: string[], options: LogOptions & AuditOptions) =>
      act(options, async (edge) => {
        const named = await namedFiles(files, edge.platform)
        return (await import('./audit.ts')).auditFiles(named, options, edge)
      }),
    )
}

const addExplain: AddVerb = (program, act) => {
  program
    .command('explain')
    .description(
      "find the incidents of the past in IIS's own logs, no prober needed: when, how long, which share of the requests, " +
        'which node, why, and the lines that show it',
    )
    .argument(
      '<files...>',
      'W3C logs of the balancer (ARR) and of nodes, HTTPERR logs, events (XML, CSV), failed request traces; .gz too',
    )
    .option('--farm <name>', 'as sentences name the farm')
    .option('--farm-config <file>', "the balancer's applicationHost.config: its web farm gives the name")
    .option(
      '--journal <file>',
      "farmprobe's journal, such as data/farmprobe.db: what it saw of each incident",
    )
    .addOption(new Option('--since <time>', 'nothing before, such as 2026-03-03T08:00Z').argParser(moment))
    .addOption(new Option('--until <time>', 'nothing after').argParser(moment))
    .addOption(new Option('--json', 'one JSON document instead of the text').conflicts('html'))
    .option('--html <file>', 'write one self-contained page with a strip instead')
    .addHelpText(
      'after',
      `
The log of ARR alone tells when requests failed and how. The logs and events of the nodes beside it tell which node and
why; keep those of a machine in a folder of its own. Where the nodes log the header X-ARR-LOG-ID, requests are joined by it,
otherwise by address and time. Times are UTC, as in the logs.
${examples('explain arr/u_ex260303.log', 'explain arr/*.log web01/* web02/*', 'explain arr/*.log.gz --since 2026-03-03 --json')}`,
    )
    .action((files: string[], options: LogOptions & ExplainFlags) =>
      act(options, async (edge) => {
        const named = await namedFiles(files, edge.platform)
        return (await import('./explain.ts')).explain(named, options, edge)
      }),
    )
}

export const iisVerbs: readonly AddVerb[] = [addImport, addAudit, addExplain]
