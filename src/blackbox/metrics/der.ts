/** As much of DER as certificates need. */
export interface Der {
  readonly tag: number
  readonly content: Buffer
}

/** The values that follow one another in `bytes`; the last may be cut off where the bytes are no DER. */
export function readAll(bytes: Buffer): Der[] {
  const found: Der[] = []
  let at = 0
  while (at + 2 <= bytes.length) {
    const tag = bytes[at] ?? 0
    let length = bytes[at + 1] ?? 0
    at += 2
    if (length > 127) {
      const digits = length & 127
      if (digits === 0 || digits > 4 || at + digits > bytes.length) break
      length = bytes.readUIntBE(at, digits)
      at += digits
    }
    found.push({ tag, content: bytes.subarray(at, at + length) })
    at += length
  }
  return found
}

/** An object identifier with its dots. */
export function oidText(content: Buffer): string {
  const arcs: number[] = []
  let arc = 0
  for (const byte of content) {
    arc = arc * 128 + (byte & 127)
    if (byte > 127) continue
    arcs.push(arc)
    arc = 0
  }
  const [first = 0, ...others] = arcs
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...others].join('.')
}

const bmpString = 0x1e
const latinStrings = new Set([0x13, 0x14, 0x16])

/** The text of a string of whatever kind. */
export function stringText({ tag, content }: Der): string {
  if (tag === bmpString && content.length % 2 === 0) return Buffer.from(content).swap16().toString('utf16le')
  return content.toString(latinStrings.has(tag) ? 'latin1' : 'utf8')
}
