/** The text of an XML document, or a clause that says why there is none. */
export type Decoded = { readonly text: string } | { readonly why: string }

/** Encodings of one byte a character whose declaration is taken at its word. */
const declarable = /^(us-ascii|iso-8859-\d{1,2}|windows-125\d)$/

/**
 * Decodes UTF-8 and UTF-16 of both byte orders, with a byte order mark or without, and the one-byte encodings that an
 * XML declaration can name. Windows PowerShell's redirection writes UTF-16, so that this is nothing rare.
 */
export function decodeXml(bytes: Uint8Array): Decoded {
  const encoding = encodingOf(bytes)
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes) }
  } catch {
    return { why: `it is not ${encoding.toUpperCase()} text` }
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be'
  const start = String.fromCharCode(...bytes.subarray(0, 100))
  const [, declared] = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w-]+)["']/.exec(start) ?? []
  const name = declared?.toLowerCase() ?? 'utf-8'
  // A file without a byte order mark that declares UTF-16 was converted and its declaration forgotten.
  return declarable.test(name) ? name : 'utf-8'
}
