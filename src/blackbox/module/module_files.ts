/** What a module names and does not hold, read anew for every probe: a secret may be rotated at any time. */
import type { SecureContext } from 'node:tls'
import type { ReadText } from '../../config/yaml/text_file.ts'
import { secureContext, type TlsMaterial } from '../../runtime/secure_context.ts'
import { isHeaderText } from './header_text.ts'
import type { Credentials, HttpModule, InlineOrFile, ModuleTls } from './module.ts'

export interface Material {
  readonly body: Buffer | undefined
  /** The whole value of the Authorization header. */
  readonly authorization: string | undefined
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** What is trusted instead of the public certificates, as PEM. */
  readonly ca: string | undefined
  /** Made when TLS is spoken: not every probe does. */
  readonly secureContext: () => SecureContext
}

/** A file that a module names is not as it must be; the message names the file and no secret. */
export class NoMaterial extends Error {}

/** @throws NoMaterial */
export async function readMaterial(module: HttpModule, readText: ReadText): Promise<Material> {
  const read = async (wanted: InlineOrFile): Promise<string> => {
    if ('text' in wanted) return wanted.text
    const result = await readText(wanted.file)
    if ('why' in result) throw new NoMaterial(`the file ${wanted.file} cannot be read: ${result.why}`)
    return result.text
  }
  const body = module.body && Buffer.from(await read(module.body))
  const authorization = module.credentials && (await authorizationOf(module.credentials, read))
  const headers: (readonly [string, string])[] = []
  for (const [name, value] of module.moreHeaders)
    headers.push([name, headerText(await read(value), `of ${name}`)])
  const tls = await readTls(module.tls, read)
  return { body, authorization, headers, ca: tls.ca, secureContext: () => makeContext(tls) }
}

type Read = (wanted: InlineOrFile) => Promise<string>

async function authorizationOf(credentials: Credentials, read: Read): Promise<string> {
  if ('type' in credentials)
    return headerText(
      `${credentials.type} ${(await read(credentials.credentials)).trim()}`,
      'of Authorization',
    )
  const username = await read(credentials.username)
  const password = await read(credentials.password)
  // Of the files the line break at the end is no part.
  const pair = `${trimFile(credentials.username, username)}:${trimFile(credentials.password, password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

const trimFile = (wanted: InlineOrFile, text: string) => ('file' in wanted ? text.trim() : text)

function headerText(text: string, where: string): string {
  const trimmed = text.trim()
  if (!isHeaderText(trimmed)) throw new NoMaterial(`the value ${where} has line breaks or control characters`)
  return trimmed
}

const readTls = async (
  { minVersion, maxVersion, ca, cert, key }: ModuleTls,
  read: Read,
): Promise<TlsMaterial> => ({
  minVersion,
  maxVersion,
  ca: ca && (await read(ca)),
  cert: cert && (await read(cert)),
  key: key && (await read(key)),
})

function makeContext(tls: TlsMaterial): SecureContext {
  try {
    return secureContext(tls)
  } catch (error) {
    throw new NoMaterial(
      `the certificates of tls_config cannot be used: ${(error as Error).message.replace(/^.*:/, '')}`,
    )
  }
}
