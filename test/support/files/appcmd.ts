/**
 * Runs the commands of findings as appcmd would, on the text of an applicationHost.config: what a cure does is then seen by
 * reading the result again. It knows no more than the commands that the audit prints, and throws at any other.
 */
import { parseXml } from '../../../src/iis/read/parse_xml.ts'
import type { XmlElement } from '../../../src/iis/read/xml_element.ts'

interface Element {
  readonly name: string
  readonly attributes: Map<string, string>
  children: Element[]
}

const program = '%windir%\\system32\\inetsrv\\appcmd.exe '
const features: Readonly<Record<string, string>> = {
  'IIS-ApplicationInit': 'ApplicationInitializationModule',
  'IIS-HttpTracing': 'FailedRequestsTracingModule',
}

export function afterCommands(text: string, commands: readonly string[]): string {
  const parsed = parseXml(text, 'host.config')
  if ('problem' in parsed) throw new Error(parsed.problem.message)
  const root = copyOf(parsed.root)
  for (const command of commands) run(root, command)
  return textOf(root)
}

function run(root: Element, command: string): void {
  const [, feature] = /^dism\.exe \/online \/enable-feature \/featurename:(\S+) \/all$/.exec(command) ?? []
  const module = feature && features[feature]
  if (module !== undefined) return add(at(root, 'system.webServer', 'globalModules'), { name: module })
  const words = command.startsWith(program)
    ? command.slice(program.length).match(/(?:"[^"]*"|[^\s"])+/g)
    : null
  const [verb, kind, ...others] = (words ?? []).map((word) => word.replaceAll('"', ''))
  const [pools, sites] = ['applicationPools', 'sites'].map((name) => at(root, 'system.applicationHost', name))
  if (pools === undefined || sites === undefined) throw new Error('no server')
  const [name = '', change = ''] = others
  if (verb === 'add' && kind === 'apppool') return add(pools, { name: name.replace('/name:', '') })
  if (verb !== 'set') throw new Error(`not known: ${command}`)
  if (kind === 'apppool') return set(one(pools, { name }), change)
  if (kind === 'site') return set(one(sites, { name }), change)
  if (kind === 'app') {
    const slash = name.indexOf('/')
    return set(one(one(sites, { name: name.slice(0, slash) }), { path: name.slice(slash) }), change)
  }
  const option = (start: string) => others.find((each) => each.startsWith(start))?.slice(start.length)
  const section = option('-section:')
  const expression = others.find((each) => /^\/[^c]|^\/c(?!ommit:)/.test(each))
  if (
    kind !== 'config' ||
    section === undefined ||
    expression === undefined ||
    option('/commit:') !== 'apphost'
  )
    throw new Error(`not known: ${command}`)
  set(at(name.startsWith('-') ? root : locationOf(root, name), ...section.split('/')), expression)
}

/** `/a.b:value`, `/[key='x'].a:value`, `/+a.[key='x']` or `/-a.[key='x']`. */
function set(start: Element, expression: string): void {
  const [, sign, path = '', value] = /^\/([+-]?)((?:\[[^\]]*\]|[^:[\]])+)(?::(.*))?$/s.exec(expression) ?? []
  const steps = path.match(/\[[^\]]*\]|[^.[\]]+/g) ?? []
  const last = steps.pop() ?? ''
  const element = steps.reduce(
    (from, step) => (step.startsWith('[') ? one(from, keysOf(step)) : at(from, step)),
    start,
  )
  if (sign === '' && value !== undefined) element.attributes.set(last, value)
  else if (sign === '+') add(element, keysOf(last))
  else if (sign === '-') {
    const gone = one(element, keysOf(last))
    element.children = element.children.filter((child) => child !== gone)
  } else throw new Error(`not known: ${expression}`)
}

const keysOf = (step: string): Record<string, string> =>
  Object.fromEntries(
    [...step.matchAll(/([\w.]+)='([^']*)'/g)].map(([, key = '', value = '']) => [key, value]),
  )

const add = (parent: Element, attributes: Readonly<Record<string, string>>): void => {
  const name = parent.name === 'handlerSettings' ? 'handlerSetting' : 'add'
  parent.children.push({ name, attributes: new Map(Object.entries(attributes)), children: [] })
}

/** The element of a collection with these values. */
function one(parent: Element, keys: Readonly<Record<string, string>>): Element {
  const found = parent.children.find((child) =>
    Object.entries(keys).every(
      ([key, value]) => child.attributes.get(key)?.toLowerCase() === value.toLowerCase(),
    ),
  )
  if (found === undefined) throw new Error(`no ${JSON.stringify(keys)} in ${parent.name}`)
  return found
}

/** The element at a path of names, which is made where it is not. */
const at = (from: Element, ...path: readonly string[]): Element =>
  path.reduce((parent, name) => {
    const found = parent.children.find((child) => child.name === name)
    if (found !== undefined) return found
    const made = { name, attributes: new Map<string, string>(), children: [] }
    parent.children.push(made)
    return made
  }, from)

function locationOf(root: Element, path: string): Element {
  const isIt = (child: Element) => child.name === 'location' && child.attributes.get('path') === path
  const found = root.children.find(isIt)
  if (found !== undefined) return found
  const made = { name: 'location', attributes: new Map([['path', path]]), children: [] }
  root.children.push(made)
  return made
}

const copyOf = ({ name, attributes, children }: XmlElement): Element => ({
  name,
  attributes: new Map([...attributes.values()].map((attribute) => [attribute.name, attribute.value])),
  children: children.map(copyOf),
})

const escaped = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

function textOf({ name, attributes, children }: Element): string {
  const tag = [name, ...[...attributes].map(([key, value]) => `${key}="${escaped(value)}"`)].join(' ')
  return `<${tag}>${children.map(textOf).join('')}</${name}>`
}
