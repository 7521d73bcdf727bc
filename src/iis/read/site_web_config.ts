import { dirname, join } from 'node:path'
import { checkSchema } from '../schema/check_schema.ts'
import { type ReadBytes, readDocument } from './document.ts'
import type { Layer } from './locations.ts'
import type { Server } from './server.ts'
import type { Application } from './site.ts'

export interface WebConfigOptions {
  /** The applicationHost.config, beside which copies may lie. */
  readonly file: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly read: ReadBytes
  readonly server: Server
}

/**
 * Reads the web.config of an application: where the application lies, when that is a place on this machine, else from
 * a copy beside the server's configuration, in `<site>/web.config` or `<site>/<application>/web.config`.
 */
export async function readWebConfig(
  application: Application,
  { file, env, read, server }: WebConfigOptions,
): Promise<Layer | undefined> {
  for (const folder of [physicalFolder(application, env), copiedFolder(application, file)]) {
    if (folder === undefined) continue
    // Windows takes both for one name; ASP.NET's own templates write the second.
    for (const name of ['web.config', 'Web.config']) {
      const path = join(folder, name)
      const result = await read(path)
      if ('why' in result && result.missing) continue
      const parsed = await readDocument(path, async () => result)
      if ('root' in parsed) {
        checkSchema(parsed.root, server.remark)
        return { root: parsed.root, at: application.id }
      }
      server.remark(parsed.problem)
      break
    }
  }
  return undefined
}

/** A network share is never opened: Windows would send the reader's credentials to the server it names. */
function physicalFolder({ physicalPath }: Application, env: Readonly<Record<string, string | undefined>>) {
  const path = physicalPath.replaceAll(/%(\w+)%/g, (whole, name: string) => env[name] ?? whole)
  if (/^(?:\\\\|\/\/)/.test(path) || /[%\0]/.test(path)) return undefined
  const isOfThisSystem = process.platform === 'win32' ? /^[a-z]:\\/i.test(path) : path.startsWith('/')
  return isOfThisSystem ? path : undefined
}

function copiedFolder({ site, path }: Application, file: string): string | undefined {
  const steps = [site, ...path.split('/').filter((step) => step !== '')]
  const isSafe = steps.every((step) => step !== '..' && step !== '.' && !/[/\\:\0]/.test(step))
  return isSafe ? join(dirname(file), ...steps) : undefined
}
