/** Reads all that the audit and the import need of one IIS: from the file to the values in force. */
import type { Place } from '../../model/place.ts'
import { type Pool, readPools } from './app_pool.ts'
import { type Route, readRoutes } from './arr_routes.ts'
import { type ReadBytes, readBytes } from './document.ts'
import { collected, type FindSection, type Layer } from './locations.ts'
import type { Remark } from './remark.ts'
import { openServer, type Server } from './server.ts'
import { type Application, readSites, type Site } from './site.ts'
import { readWebConfig } from './site_web_config.ts'
import { readWarmup, type Warmup } from './warmup.ts'
import { readWebFarms, type WebFarm } from './web_farm.ts'
import { textOf } from './xml_element.ts'

export interface Machine {
  readonly file: string
  readonly pools: readonly Pool[]
  readonly sites: readonly Site[]
  readonly farms: readonly WebFarm[]
  readonly routes: readonly Route[]
  /** By the id of the application. */
  readonly warmups: ReadonlyMap<string, Warmup>
  /** Undefined when the file does not list the modules. */
  readonly hasApplicationInitialization: boolean | undefined
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
  const locations = sites.map(({ name }) => name)
  return {
    machine: {
      file,
      pools: readPools(server),
      sites,
      farms: readWebFarms(server),
      routes: readRoutes(server, locations),
      warmups: readWarmups(sites, layersOf, server),
      ...readModules(server.find),
      remarks: server.remarks,
    },
  }
}

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

function readModules(find: FindSection): Pick<Machine, 'hasApplicationInitialization' | 'modulesPlace'> {
  const sections = find('system.webServer/globalModules', '')
  const [section] = sections
  const names = collected(sections, { key: 'name' }).map((module) => textOf(module, 'name').toLowerCase())
  if (section === undefined || names.length === 0)
    return { hasApplicationInitialization: undefined, modulesPlace: undefined }
  return {
    hasApplicationInitialization: names.includes('applicationinitializationmodule'),
    modulesPlace: section.place,
  }
}
