/**
 * Writes what is generated from the code and committed: the references and the JSON schema. A test fails when a
 * committed file is not what the code says.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ruleFiles } from '../dashboards/source/alerts/alert_files.ts'
import { dashboardFiles } from '../dashboards/source/dashboards/dashboard_files.ts'
import { jsonSchema } from '../src/config/schema/config_keys.ts'
import { differences } from '../test/blackbox/differences.ts'
import { ruleTestFiles } from '../test/support/rules/case_runs.ts'
import { auditReference } from './references/audit_reference.ts'
import { blackboxReference } from './references/blackbox_reference.ts'
import { configurationReference } from './references/configuration_reference.ts'
import { metricsReference } from './references/metrics_reference.ts'
import { originReference } from './references/origins_reference.ts'

/** The text of each generated file, by its path from the root of the repository. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['config/farmprobe.schema.json', `${JSON.stringify(jsonSchema(), null, 2)}\n`],
    ['docs/configuration.md', configurationReference()],
    ['docs/audit-rules.md', auditReference()],
    ['docs/metrics.md', metricsReference()],
    ['docs/origins.md', originReference()],
    ['docs/blackbox.md', blackboxReference(Object.values(differences))],
    ...dashboardFiles(),
    ...ruleFiles(),
    ...ruleTestFiles(),
  ])
}

if (import.meta.main) {
  for (const [path, text] of generatedFiles()) {
    const url = new URL(`../${path}`, import.meta.url)
    const old = await readFile(url, 'utf8').catch(() => undefined)
    if (old === text) continue
    await mkdir(dirname(url.pathname), { recursive: true })
    await writeFile(url, text)
    process.stdout.write(`wrote ${path}\n`)
  }
}
