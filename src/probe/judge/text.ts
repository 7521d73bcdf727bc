/** The text of a body: in which charset it is written, as a browser finds out. */
import { TextDecoder } from 'node:util'
import { type Answer, valuesOf } from '../exchange/answer.ts'

/**
 * A body as text, without a byte order mark. Its charset is that of the byte order mark, else of the Content-Type, else
 * the one that the beginning of an HTML or XML document declares (the order of the HTML standard, section 13.2.3); UTF-8
 * where none is named or the name is unknown.
 */
export function textOf({ headers }: Pick<Answer, 'headers'>, body: Buffer): string {
  const [contentType = ''] = valuesOf(headers, 'content-type')
  const charset = charsetOfMark(body) ?? charsetIn(contentType) ?? declaredCharset(body, contentType)
  return decoderOf(charset).decode(body)
}

const utf8 = new TextDecoder()

/** Knows every charset that browsers know, and leaves out the byte order mark. */
function decoderOf(charset: string | undefined): TextDecoder {
  if (charset === undefined || charset.toLowerCase() === 'utf-8') return utf8
  try {
    return new TextDecoder(charset)
  } catch {
    return utf8
  }
}

function charsetOfMark([first, second, third]: Buffer): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

const charsetIn = (text: string) => /charset\s*=\s*["']?([^\s"';,>]{1,40})/i.exec(text)?.[1]

/** How far browsers look for a declaration, bytes. */
const declaredWithin = 1024

function declaredCharset(body: Buffer, contentType: string): string | undefined {
  // JSON is UTF-8 (RFC 8259, section 8.1), and what looks like a declaration in a script or a text is none.
  if (contentType !== '' && !/html|xml/i.test(contentType)) return undefined
  const start = body.toString('latin1', 0, declaredWithin)
  const declared =
    /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]{1,40})/.exec(start)?.[1] ??
    charsetIn(
      /<meta\s(?:[^>]*?[\s"';])?charset\s*=[^>]*/i.exec(start.replaceAll(/<!--.*?-->/gs, ''))?.[0] ?? '',
    )
  // A declaration that can be read as ASCII is not in UTF-16, whatever it says.
  return declared !== undefined && /^utf-?16/i.test(declared) ? 'utf-8' : declared
}
