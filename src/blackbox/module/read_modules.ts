import { dirname, resolve } from 'node:path'
import { settle } from '../../config/schema/part.ts'
import { fileProblem, inFileOrder, type Path, type Problem } from '../../config/yaml/problem.ts'
import { type Reading, startReading } from '../../config/yaml/reading.ts'
import { type ReadText, readTextFile } from '../../config/yaml/text_file.ts'
import { isNothing, likeGo, readTree, type Tree, valueAt } from '../../config/yaml/tree.ts'
import { buildHttp } from './build_module.ts'
import type { Module, Modules } from './module.ts'
import { httpKeys, moduleFileKeys, notServed, type WrittenModule } from './module_keys.ts'
import { shownModule } from './module_text.ts'

export type ModulesResult =
  | { readonly ok: true; readonly modules: Modules; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Reads a module file. Never rejects because of what it holds. */
export async function readModules(path: string, readFile: ReadText = readTextFile): Promise<ModulesResult> {
  const result = await readFile(path)
  if ('text' in result) return parseModules(result.text, path)
  const message = `cannot be read: ${result.why}; name a module file of blackbox_exporter's`
  return { ok: false, problems: [fileProblem(path, message)] }
}

/** Reads the text of a module file; files that it names are read when a probe needs them. */
export function parseModules(text: string, fileName: string): ModulesResult {
  const { tree, problems: unreadable } = readTree(text, fileName, undefined, likeGo)
  if (unreadable.length > 0) return { ok: false, problems: unreadable }
  const reading = startReading(tree, dirname(resolve(fileName)))
  const written = moduleFileKeys.read(tree.value, [], reading)
  const modules = new Map<string, Module>()
  for (const [name, module] of Object.entries(written?.modules ?? {}))
    modules.set(name, buildModule(module, ['modules', name], reading))
  if (modules.size === 0 && reading.problems.length === 0)
    reading.problem(['modules'], 'no module; write one, such as http_2xx: { prober: http }')
  const problems = reading.problems.toSorted(inFileOrder)
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, modules, warnings: reading.warnings.toSorted(inFileOrder) }
}

function buildModule(written: WrittenModule, path: Path, reading: Reading): Module {
  const { prober, http = {}, timeoutMs = 0 } = written
  const { tree } = reading
  const shown = shownModule(tree, path)
  const refuse = (notServed: string): Module => {
    reading.warn(path, `this module is not served: ${notServed}`)
    return { shown, notServed }
  }
  if (isNothing(valueAt(tree.value, [...path, 'prober']) ?? ''))
    reading.problem(path, 'no prober; write prober: http')
  if (prober !== 'http') return refuse(`its prober is ${prober}; farmprobe probes http only`)
  const inHttp = [...path, 'http']
  const built = buildHttp(settle(httpKeys, http), timeoutMs, inHttp, reading)
  const why = whyNotServed(tree, inHttp)
  return why === undefined ? { shown, http: built } : refuse(why)
}

const refs = 'farmprobe has no secret manager; name the secret in a file'

const notServedInside: Readonly<Record<string, string>> = {
  'basic_auth.username_ref': refs,
  'basic_auth.password_ref': refs,
  'authorization.credentials_ref': refs,
  'tls_config.ca_ref': refs,
  'tls_config.cert_ref': refs,
  'tls_config.key_ref': refs,
}

/** The first key that we know and do not serve, with the reason. */
function whyNotServed(tree: Tree, http: Path): string | undefined {
  for (const [key, why] of Object.entries({ ...notServed, ...notServedInside })) {
    const path = [...http, ...key.split('.')]
    const written = valueAt(tree.value, path)
    const isOff = typeof written === 'string' && /^(|~|null|false|no|off|n)$/i.test(written)
    if (tree.has(path) && !isOff) return `${key}: ${why}`
  }
  return undefined
}
