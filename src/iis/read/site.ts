import { type Binding, readBindings } from './binding.ts'
import { flag, text } from './kinds.ts'
import { collected, type FindSection } from './locations.ts'
import type { Place, Remark } from './place.ts'
import type { Setting, SettingReader } from './setting.ts'
import { attributeOf, within, type XmlElement } from './xml_element.ts'

/** A site that answers HTTP. */
export interface Site {
  readonly name: string
  readonly place: Place
  readonly autoStart: Setting<boolean>
  /** At least one. */
  readonly bindings: readonly Binding[]
  readonly applications: readonly Application[]
  /** IIS itself redirects every plain request to HTTPS (IIS 10.0, version 1709). */
  readonly redirectsToHttps: Setting<boolean>
}

export interface Application {
  readonly site: string
  /** `/` or `/app`. */
  readonly path: string
  /** As location tags and appcmd name it: `Site/` or `Site/app`. */
  readonly id: string
  readonly place: Place
  readonly pool: Setting<string>
  readonly preload: Setting<boolean>
  /** As written, with its variables; empty when there is none. */
  readonly physicalPath: string
}

/** Every site with an http or https binding, and its applications that speak http. */
export function readSites(find: FindSection, read: SettingReader, remark: (remark: Remark) => void): Site[] {
  const sections = find('system.applicationHost/sites', '')
  const defaults = within(sections, 'applicationDefaults')
  for (const element of defaults) remarkPreload(element, remark)
  return collected(sections, { add: 'site', key: 'name' })
    .map((element) => readSite(element, defaults, read))
    .filter(({ bindings }) => bindings.length > 0)
}

/** The schema of IIS has preloadEnabled on an application and on the defaults of one site, not of all sites. */
function remarkPreload(element: XmlElement, remark: (remark: Remark) => void): void {
  const preload = attributeOf(element, 'preloadEnabled')
  if (preload !== undefined)
    remark({
      place: preload.place,
      message: 'preloadEnabled on the defaults of all sites has no effect; write it on each application',
    })
}

function readSite(element: XmlElement, defaults: readonly XmlElement[], read: SettingReader): Site {
  const { place } = element
  const name = attributeOf(element, 'name')?.value ?? ''
  return {
    name,
    place,
    autoStart: read({ own: [element], place }, 'serverAutoStart', flag, true),
    bindings: readBindings(element, read),
    applications: readApplications(element, name, defaults, read),
    redirectsToHttps: read({ own: within([element], 'hsts'), place }, 'redirectHttpToHttps', flag, false),
  }
}

function readApplications(
  site: XmlElement,
  siteName: string,
  sitesDefaults: readonly XmlElement[],
  read: SettingReader,
): Application[] {
  const siteDefaults = within([site], 'applicationDefaults')
  return collected([site], { add: 'application', key: 'path' }).flatMap((element): Application[] => {
    const { place } = element
    const inherited = { own: [element], defaults: [...sitesDefaults, ...siteDefaults], place }
    const protocols = read(inherited, 'enabledProtocols', text, 'http').value.toLowerCase()
    if (!protocols.split(',').some((protocol) => protocol.trim() === 'http')) return []
    const path = attributeOf(element, 'path')?.value ?? '/'
    return [
      {
        site: siteName,
        path,
        id: `${siteName}${path}`,
        place,
        pool: read(inherited, 'applicationPool', text, 'DefaultAppPool'),
        preload: read({ own: [element], defaults: siteDefaults, place }, 'preloadEnabled', flag, false),
        physicalPath: physicalPathOf(element),
      },
    ]
  })
}

function physicalPathOf(application: XmlElement): string {
  const folders = within([application], 'virtualDirectory')
  const root = folders.find((folder) => attributeOf(folder, 'path')?.value === '/')
  return (root === undefined ? undefined : attributeOf(root, 'physicalPath')?.value) ?? ''
}
