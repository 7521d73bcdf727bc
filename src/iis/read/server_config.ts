import { dirname, join } from 'node:path'
import { withSources } from './config_source.ts'
import { readDocument, readXml, sharedConfiguration } from './document.ts'
import { type FindSection, sectionFinder } from './locations.ts'
import type { Remark } from './place.ts'
import { quoted } from './printable.ts'
import type { ReadBytes } from './read_bytes.ts'
import { type SettingReader, settingReader } from './setting.ts'

/** An opened `applicationHost.config`: whoever knows a section reads it out of here. */
export interface Server {
  readonly find: FindSection
  readonly setting: SettingReader
  /** What is wrong with the file and yet does not keep it from being read; grows while it is read. */
  readonly remarks: readonly Remark[]
  readonly remark: (remark: Remark) => void
}

/** Opens a server's configuration, with the sections that lie in files of their own. Never rejects. */
export async function openServer(
  file: string,
  read: ReadBytes,
): Promise<{ readonly server: Server } | { readonly problem: Remark }> {
  const parsed = await readDocument(file, read)
  if ('problem' in parsed) return parsed
  const remarks: Remark[] = []
  const remark = (found: Remark) => void remarks.push(found)
  await remarkRedirection(file, read, remark)
  const root = await withSources(parsed.root, file, read, remark)
  return { server: { find: sectionFinder(root), setting: settingReader(remark), remarks, remark } }
}

/** A redirection beside the file means that IIS reads another one, and this is a leftover. */
async function remarkRedirection(
  file: string,
  read: ReadBytes,
  remark: (remark: Remark) => void,
): Promise<void> {
  const parsed = await readXml(join(dirname(file), 'redirection.config'), read)
  const shared = 'root' in parsed ? sharedConfiguration(parsed.root) : undefined
  if (shared === undefined) return
  const message =
    `IIS on this server reads the shared configuration in ${quoted(shared.value)}, not ${file}; ` +
    'name the file in there'
  remark({ place: shared.place, message, notInForce: true })
}
