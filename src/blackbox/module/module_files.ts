/** What a module names and does not hold, read anew for every probe: a secret may be rotated at any time. */
import type { SecureContext } from 'node:tls'
import type { ReadText } from '../../config/yaml/text_file.ts'
import { secureContext, type TlsMaterial } from '../../runtime/secure_context.ts'
import { type Credentials, type HttpModule, type InlineOrFile, isHeaderText } from './module.ts'

/** A file that a module names is not as it must be; the message names the file and no secret. */
export class UnusableModule extends Error {}

type Read = (value: InlineOrFile) => Promise<string>

/** The values of a module that may stand in files, read. */
export type ModuleFiles = Awaited<ReturnType<typeof readModuleFiles>>

/** @throws UnusableModule */
export async function readModuleFiles(module: HttpModule, readText: ReadText) {
  const read: Read = async (value) => {
    if ('text' in value) return value.text
    const result = await readText(value.file)
    if ('why' in result) throw new UnusableModule(`the file ${value.file} cannot be read: ${result.why}`)
    return result.text
  }
  const { body, credentials, moreHeaders, tls } = module
  const headers: (readonly [string, string])[] = []
  for (const [name, value] of moreHeaders) headers.push([name, headerText(await read(value), `of ${name}`)])
  const { insecure, minVersion, maxVersion } = tls
  const pem = {
    ca: tls.ca && (await read(tls.ca)),
    cert: tls.cert && (await read(tls.cert)),
    key: tls.key && (await read(tls.key)),
  }
  return {
    body: body && Buffer.from(await read(body)),
    /** The whole value of the Authorization header. */
    authorization: credentials && (await authorizationOf(credentials, read)),
    headers,
    /** What is trusted instead of the public certificates, as PEM. */
    ca: pem.ca,
    /** Made when TLS is spoken: not every probe does. Throws UnusableModule. */
    secureContext: () => makeContext({ ...pem, insecure, minVersion, maxVersion }),
  }
}

async function authorizationOf(credentials: Credentials, read: Read): Promise<string> {
  if ('type' in credentials)
    return headerText(
      `${credentials.type} ${(await read(credentials.credentials)).trim()}`,
      'of Authorization',
    )
  // The line break at the end of a file is no part of the value.
  const plain = async (value: InlineOrFile) => ('file' in value ? (await read(value)).trim() : value.text)
  const pair = `${await plain(credentials.username)}:${await plain(credentials.password)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

function headerText(text: string, where: string): string {
  const trimmed = text.trim()
  if (!isHeaderText(trimmed))
    throw new UnusableModule(`the value ${where} has line breaks or control characters`)
  return trimmed
}

function makeContext(tls: TlsMaterial): SecureContext {
  try {
    return secureContext(tls)
  } catch (error) {
    throw new UnusableModule(
      `the certificates of tls_config cannot be used: ${(error as Error).message.replace(/^.*:/, '')}`,
    )
  }
}
