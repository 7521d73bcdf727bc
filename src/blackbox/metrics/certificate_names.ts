/** What a certificate says about itself, as Go writes it: dashboards and alerts compare these texts. */
import { type Der, oidText, readAll, stringText } from './der.ts'

export interface CertificateNames {
  readonly subject: string
  readonly issuer: string
  /** DNS names only. */
  readonly alternatives: readonly string[]
  /** In hexadecimal. */
  readonly serial: string
}

/** The fields after the version, which is explicitly tagged and may be missing. */
export function namesInCertificate(raw: Buffer): CertificateNames {
  const [certificate] = readAll(raw)
  const [signed] = readAll(certificate?.content ?? Buffer.alloc(0))
  const fields = readAll(signed?.content ?? Buffer.alloc(0))
  const [serial, , issuer, , subject] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields
  return {
    subject: nameText(subject),
    issuer: nameText(issuer),
    alternatives: alternativesIn(fields.find(({ tag }) => tag === 0xa3)),
    serial: serial?.content.toString('hex').replace(/^(00)+(?=.)/, '') ?? '',
  }
}

/** In the order in which Go puts them into a name, which is the reverse of that in the text. */
const known: readonly (readonly [oid: string, short: string])[] = [
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

function nameText(name: Der | undefined): string {
  const attributes = readAll(name?.content ?? Buffer.alloc(0))
    .flatMap(({ content }) => readAll(content))
    .map(({ content }) => {
      const [type, value] = readAll(content)
      return {
        oid: oidText(type?.content ?? Buffer.alloc(0)),
        text: value === undefined ? '' : stringText(value),
      }
    })
  const strange = attributes.filter(({ oid }) => !known.some(([each]) => each === oid))
  const parts = strange.map(({ oid, text }) => `${oid}=#${marshalled(text).toString('hex')}`)
  for (const [oid, short] of known) {
    const values = attributes.filter((each) => each.oid === oid && each.text !== '')
    const kept = single.has(oid) ? values.slice(-1) : values
    if (kept.length > 0) parts.push(kept.map(({ text }) => `${short}=${escaped(text)}`).join('+'))
  }
  return parts.toReversed().join(',')
}

const escaped = (text: string): string =>
  text.replace(/[,+"\\<>;]|^[ #]| $/g, (character) => `\\${character}`)

/** A text as Go encodes it anew. */
function marshalled(text: string): Buffer {
  const content = Buffer.from(text)
  const tag = /^[A-Za-z0-9 '()+,./:=?-]*$/.test(text) ? 0x13 : 0x0c
  const length =
    content.length < 128
      ? [content.length]
      : content.length < 256
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

const alternativeNames = '2.5.29.17'
const dnsName = 0x82

function alternativesIn(extensions: Der | undefined): string[] {
  const [list] = readAll(extensions?.content ?? Buffer.alloc(0))
  for (const { content } of readAll(list?.content ?? Buffer.alloc(0))) {
    const parts = readAll(content)
    const [type] = parts
    const value = parts.at(-1)
    if (type === undefined || value === undefined || oidText(type.content) !== alternativeNames) continue
    const [names] = readAll(value.content)
    return readAll(names?.content ?? Buffer.alloc(0))
      .filter(({ tag }) => tag === dnsName)
      .map(({ content: name }) => name.toString('latin1'))
  }
  return []
}
