/** Reads all that the audit and the import need of one IIS: from the file to the values in force. */
import type { Place } from '../../model/place.ts'
import { type Pool, readPools } from './app_pool.ts'
import { type Route, readRoutes } from './arr_routes.ts'
import { type ReadBytes, readBytes } from './document.ts'
import { collected, type FindSection, type Layer } from './locations.ts'
import { type Proxy, readProxy } from './proxy.ts'
import type { Remark } from './remark.ts'
import { openServer, type Server } from './server.ts'
import { type Application, readSites, type Site } from './site.ts'
import { readWebConfig } from './site_web_config.ts'
import { readWarmup, type Warmup } from './warmup.ts'
import { readWebFarms, type WebFarm } from './web_farm.ts'
import { readWindowsAuthentication, type WindowsAuthentication } from './windows_authentication.ts'
import { textOf, type XmlElement } from './xml_element.ts'

export interface Machine {
  readonly file: string
  /** What tells this machine from others of its farm, as far as the file's path or the machine's own name does. */
  readonly node: string
  /** IIS Express, which developers run, and not a server. */
  readonly isExpress: boolean
  readonly pools: readonly Pool[]
  readonly sites: readonly Site[]
  readonly farms: readonly WebFarm[]
  /** The rules that send to other servers, enabled or not. */
  readonly routes: readonly Route[]
  readonly proxy: Proxy
  /** The names of the sites with a rule of failed-request tracing. */
  readonly tracedSites: ReadonlySet<string>
  /** By the names of the sites that let nobody in without it. */
  readonly windowsAuthentication: ReadonlyMap<string, WindowsAuthentication>
  /** By the id of the application. */
  readonly warmups: ReadonlyMap<string, Warmup>
  /** Undefined when the file does not list the modules. */
  readonly hasApplicationInitialization: boolean | undefined
  /** Failed-request tracing; undefined as well. */
  readonly hasTracing: boolean | undefined
  readonly modulesPlace: Place | undefined
  /** Mistakes that do not keep the file from being read. */
  readonly remarks: readonly Remark[]
}

export type MachineResult = { readonly machine: Machine } | { readonly problem: Remark }

export interface MachineOptions {
  /** For the variables in physical paths. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly read?: ReadBytes
}

/** Reads an `applicationHost.config` and the files that belong to it. Never rejects because of what they hold. */
export async function readMachine(
  file: string,
  { env, read = readBytes }: MachineOptions,
): Promise<MachineResult> {
  const opened = await openServer(file, read)
  if ('problem' in opened) return opened
  const { server } = opened
  const sites = readSites(server)
  const layersOf = await readLayers(sites, (app) => readWebConfig(app, { file, env, read, server }))
  const farms = readWebFarms(server)
  const layersAt = (site: Site) => {
    const root = rootOf(site)
    return root === undefined ? [] : layersOf(root)
  }
  const isTraced = (site: Site) =>
    collected(server.find(traceRules, site.name, layersAt(site)), { key: 'path' }).length > 0
  const routes = readRoutes(
    server,
    sites.map((site) => ({ name: site.name, layers: layersAt(site) })),
  )
  return {
    machine: {
      file,
      node: nodeName(file, env),
      isExpress: isExpress(server.find),
      pools: readPools(server),
      sites,
      farms,
      routes,
      proxy: readProxy(server, routes, farms),
      tracedSites: new Set(sites.flatMap((site) => (isTraced(site) ? [site.name] : []))),
      windowsAuthentication: new Map(
        sites.flatMap((site) => {
          const found = readWindowsAuthentication(site, layersAt(site), server)
          return found === undefined ? [] : [[site.name, found] as const]
        }),
      ),
      warmups: readWarmups(sites, layersOf, server),
      ...readModules(server.find),
      remarks: server.remarks,
    },
  }
}

/** The last name in a path that is not that of every server's file; else the name of this machine. */
function nodeName(file: string, env: MachineOptions['env']): string {
  const names = file
    .split(/[/\\]/)
    .map((step) => step.replace(/\.(?:config|xml)$/i, ''))
    .filter((step) => !/^(?:applicationhost|config|inetsrv|system32|windows|[a-z]:|\.*)?$/i.test(step))
  return names.at(-1) ?? env['COMPUTERNAME'] ?? ''
}

/** Its files name its own folders by variables that no server has. */
function isExpress(find: FindSection): boolean {
  const sections = [
    'system.applicationHost/applicationPools',
    'system.applicationHost/sites',
    'system.webServer/globalModules',
  ]
  return sections.some((section) => find(section, '').some(namesExpress))
}

const namesExpress = ({ attributes, children }: XmlElement): boolean =>
  attributes.values().some(({ value }) => /%IIS_(?:BIN|USER_HOME|SITES_HOME)%/i.test(value)) ||
  children.some(namesExpress)

const rootOf = ({ applications }: Site) => applications.find(({ path }) => path === '/')

const traceRules = 'system.webServer/tracing/traceFailedRequests'

type LayersOf = (application: Application) => readonly Layer[]

/** Reads the web.config of every application; an application also inherits from those above it. */
async function readLayers(
  sites: readonly Site[],
  readLayer: (application: Application) => Promise<Layer | undefined>,
): Promise<LayersOf> {
  const layers = new Map<string, Layer>()
  for (const application of sites.flatMap(({ applications }) => applications)) {
    const layer = await readLayer(application)
    if (layer !== undefined) layers.set(application.id.toLowerCase(), layer)
  }
  return ({ site, path }) => {
    const steps = path.split('/').filter((step) => step !== '')
    const ids = ['', ...steps.map((_step, index) => steps.slice(0, index + 1).join('/'))]
    return ids.flatMap((id) => layers.get(`${site}/${id}`.toLowerCase()) ?? [])
  }
}

const readWarmups = (sites: readonly Site[], layersOf: LayersOf, server: Server): Map<string, Warmup> =>
  new Map(
    sites.flatMap((site) =>
      site.applications.map((each) => [each.id, readWarmup(each, site, layersOf(each), server)] as const),
    ),
  )

function readModules(
  find: FindSection,
): Pick<Machine, 'hasApplicationInitialization' | 'hasTracing' | 'modulesPlace'> {
  const sections = find('system.webServer/globalModules', '')
  const [section] = sections
  const names = collected(sections, { key: 'name' }).map((module) => textOf(module, 'name').toLowerCase())
  if (section === undefined || names.length === 0)
    return { hasApplicationInitialization: undefined, hasTracing: undefined, modulesPlace: undefined }
  return {
    hasApplicationInitialization: names.includes('applicationinitializationmodule'),
    hasTracing: names.includes('failedrequeststracingmodule'),
    modulesPlace: section.place,
  }
}
