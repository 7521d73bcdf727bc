/** Which machine a file is of, and by which name: logs know addresses, events know computers. */
import { basename, dirname } from 'node:path'

/** Folders that IIS and people keep logs in; the one around them may be named after the machine. */
const anyFolder =
  /^(?:w3svc\d+|httperr|logs?|logfiles|failedreqlogfiles|events?|inetpub|iis|system32|\.{0,2}|[a-z]:)$/i
const loopback = /^(?:127\.|::1$|-$)/

const labelOf = (computer: string) => computer.toLowerCase().replace(/\..*$/, '')

export interface Machines {
  /** Keeps what the beginning of a log says of its machine; gives the machine's key. */
  ofLog(path: string, fields: readonly string[], entries: readonly (readonly string[])[]): string
  /** The key of a computer that an event names; of one that it does not name, by its folder. */
  ofComputer(computer: string, path: string): string
  /** The key of a server by its name or address. */
  ofServer(server: string): string
  nameOf(key: string): string
}

export function createMachines(): Machines {
  const folders = new Map<string, Set<string>>()
  const computers = new Set<string>()
  const keep = (path: string, key: string) => {
    const folder = folderOf(path)
    folders.set(folder, (folders.get(folder) ?? new Set()).add(key))
    return key
  }
  /** The computer whose events lie where the logs of an address do, when both are alone there. */
  const computerOf = (key: string): string | undefined => {
    for (const [folder, keys] of folders) {
      if (!keys.has(key)) continue
      const named = [...keys].filter((each) => computers.has(each))
      if (named.length === 1 && keys.size === 2) return named[0]
      if (keys.size === 1 && !anyFolder.test(basename(folder))) return basename(folder).toLowerCase()
    }
    return undefined
  }
  return {
    ofLog(path, fields, entries) {
      const at = (name: string) => fields.indexOf(name)
      const [nameAt, addressAt] = [at('s-computername'), at('s-ip')]
      for (const entry of entries) {
        const computer = entry[nameAt] ?? '-'
        if (computer !== '-') {
          computers.add(labelOf(computer))
          return keep(path, labelOf(computer))
        }
        const address = entry[addressAt] ?? '-'
        if (!loopback.test(address)) return keep(path, address)
      }
      return keep(path, folderOf(path))
    },
    ofComputer(computer, path) {
      const key = labelOf(computer === '' ? basename(folderOf(path)) : computer)
      computers.add(key)
      return keep(path, key)
    },
    ofServer: (server) => (/^[\d.]+$|:/.test(server) ? server : labelOf(server)),
    nameOf: (key) => (computers.has(key) ? key : (computerOf(key) ?? basename(key))),
  }
}

function folderOf(path: string): string {
  let folder = dirname(path)
  while (anyFolder.test(basename(folder)) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}
