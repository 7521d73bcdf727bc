/**
 * What a certificate says about itself, as Go writes it: dashboards and alerts compare these texts.
 *
 * The names are read from DER by hand: Node's fields have OpenSSL's words for the types of attributes where Go has
 * object identifiers, and asn1js 4.0 takes 25 ms and 2.1 MiB in the thread, @peculiar/asn1-x509 2.11 50 ms and
 * 2.9 MiB. OpenSSL has parsed the certificate before, so what is read here is well-formed.
 */
import type { X509Certificate } from 'node:crypto'

export function namesInCertificate(
  certificate: Pick<X509Certificate, 'raw' | 'serialNumber' | 'subjectAltName'>,
) {
  const signed = contentOf(contentOf(certificate.raw))
  const fields = readAll(signed)
  // The version, which is explicitly tagged, may be missing (RFC 5280, section 4.1).
  const [, , issuer, , subject] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields
  return {
    subject: nameText(subject?.content),
    issuer: nameText(issuer?.content),
    alternatives: dnsNamesIn(certificate.subjectAltName ?? ''),
    serial: certificate.serialNumber.toLowerCase(),
  }
}

/** Node writes `DNS:a.example.org, IP Address:10.0.0.1`, and a value in quotes as JSON when it could be misread. */
function dnsNamesIn(written: string): string[] {
  return [...written.matchAll(/([^:]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy)]
    .filter(([, type]) => type === 'DNS')
    .map(([, , name = '']) => (name.startsWith('"') ? String(JSON.parse(name)) : name))
}

/** The types of attributes in the order in which Go puts them into a name, which is the reverse of that in the text. */
const types: readonly (readonly [oid: string, short: string])[] = [
  ['2.5.4.6', 'C'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.7', 'L'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.17', 'POSTALCODE'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.3', 'CN'],
  ['2.5.4.5', 'SERIALNUMBER'],
]

/** Of these Go keeps the last value only. */
const single = new Set(['2.5.4.3', '2.5.4.5'])

function nameText(name: Buffer = nothing): string {
  const attributes = readAll(name)
    .flatMap(({ content }) => readAll(content))
    .map(({ content }) => {
      const [type, value] = readAll(content)
      return { oid: type ? oidText(type.content) : '', text: value ? stringText(value) : '' }
    })
  const others = attributes.filter(({ oid }) => !types.some(([known]) => known === oid))
  const parts = others.map(({ oid, text }) => `${oid}=#${marshalled(text).toString('hex')}`)
  for (const [oid, short] of types) {
    const values = attributes.filter((each) => each.oid === oid && each.text !== '')
    const kept = single.has(oid) ? values.slice(-1) : values
    if (kept.length > 0) parts.push(kept.map(({ text }) => `${short}=${escaped(text)}`).join('+'))
  }
  return parts.toReversed().join(',')
}

const escaped = (text: string): string =>
  text.replace(/[,+"\\<>;]|^[ #]| $/g, (character) => `\\${character}`)

function marshalled(text: string): Buffer {
  const { length } = Buffer.from(text)
  const tag = /^[A-Za-z0-9 '()+,./:=?-]*$/.test(text) ? 0x13 : 0x0c
  const digits = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...(length < 128 ? [length] : digits)]), Buffer.from(text)])
}

interface Der {
  readonly tag: number
  readonly content: Buffer
}

const nothing = Buffer.alloc(0)

const contentOf = (bytes: Buffer): Buffer => readAll(bytes)[0]?.content ?? nothing

/** The values that follow one another. */
function readAll(bytes: Buffer): Der[] {
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

function oidText(content: Buffer): string {
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

function stringText({ tag, content }: Der): string {
  if (tag === bmpString && content.length % 2 === 0) return Buffer.from(content).swap16().toString('utf16le')
  return content.toString(latinStrings.has(tag) ? 'latin1' : 'utf8')
}
