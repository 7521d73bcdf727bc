import { importMachine } from '../iis/import/import_machine.ts'
import { readMachine } from '../iis/read/machine.ts'
import { remarkText } from '../iis/read/remark.ts'
import type { Edge } from './process_edge.ts'
import { counted } from './terminal_text.ts'

/**
 * The verb `import`: writes the farms that an IIS configuration knows as a configuration of farmprobe. Returns the
 * exit code: 0 written, 1 nothing to import, 2 unreadable.
 */
export async function importFile(file: string, edge: Edge): Promise<number> {
  const result = await readMachine(file, { env: edge.env })
  if ('problem' in result) {
    edge.stderr.write(`${remarkText(result.problem)}\n`)
    return 2
  }
  for (const remark of result.machine.remarks) edge.stderr.write(`warning: ${remarkText(remark)}\n`)
  const imported = importMachine(result.machine)
  if (imported === undefined) {
    edge.stderr.write(
      `${file}: nothing to import: it has no web farm with servers and no site with http bindings\n`,
    )
    return 1
  }
  edge.stdout.write(imported.yaml)
  const decisions = imported.yaml.split('DECIDE:').length - 1
  edge.stderr.write(
    `${counted(imported.farms, 'farm')} with ${counted(imported.nodes, 'node')} written; ` +
      `${counted(decisions, 'decision')} to make: look for DECIDE\n`,
  )
  return 0
}
