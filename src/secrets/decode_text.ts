/** Undoes what applications do to a text before they show it: the escapes of URLs, HTML and JSON, also one in another. */

export interface Decoded {
  readonly text: string
  /** Where each character, and the end, stood in the text as it came; undefined when the text is as it came. */
  readonly at: readonly number[] | undefined
}

/** Escapes in escapes: JSON of HTML, in a URL. */
const mostLayers = 4

const next = '%[89ab][\\da-f]'
/** The beginning of a character, as where a text is cut. */
const lead = '%[c-f][\\da-f]'
const leadAtEnd = `${lead}(?:${next}){0,2}(?:%[\\da-f]?)?`
const byte = `%[\\dab][\\da-f]|(?!${leadAtEnd}(?:…|$))${lead}`
const escape = new RegExp(
  [
    `(?<utf8>%[cd][\\da-f]${next}|%e[\\da-f](?:${next}){2}|%f[0-7](?:${next}){3}|${byte})`,
    '(?:%u|\\\\u)(?<unit>[\\da-f]{4})',
    '\\\\x(?<hex>[\\da-f]{2})',
    '\\\\(?<short>[bfnrtv"\'`\\\\/])',
    '&#x0*(?<hexCode>[\\da-f]{1,6})(?:;|(?=[^\\da-f;…]))',
    '&#0*(?<code>\\d{1,7})(?:;|(?=[^\\d;…]))',
    '&(?<name>[a-z]\\w{1,7});',
  ].join('|'),
  'gi',
)

/** An escape that is cut off. */
export const cutEscape = `(?:\\\\(?:u[\\da-f]{0,3}|x[\\da-f]?)?|%(?:u[\\da-f]{0,3}|[\\da-f]?)|${leadAtEnd}|&#?\\w{0,10}|\\ufffd{1,3})`

/** The text as it is, without its outermost escapes, without those below, and so on, as long as that changes it. */
export function layersOf(text: string): Decoded[] {
  const layers: Decoded[] = [{ text, at: undefined }]
  for (let layer = layers[0]; layer !== undefined && layers.length < mostLayers; ) {
    layer = decodedOnce(layer)
    if (layer) layers.push(layer)
  }
  return layers
}

function decodedOnce({ text, at }: Decoded): Decoded | undefined {
  const from: number[] = []
  const placeOf = (index: number) => at?.[index] ?? index
  let decoded = ''
  let done = 0
  const copy = (until: number) => {
    decoded += text.slice(done, until)
    for (; done < until; done++) from.push(placeOf(done))
  }
  for (const { 0: escaped, index, groups = {} } of text.matchAll(escape)) {
    const plain = plainOf(groups)
    if (plain === undefined) continue
    copy(index)
    decoded += plain
    for (let unit = 0; unit < plain.length; unit++) from.push(placeOf(index))
    done = index + escaped.length
  }
  if (done === 0) return undefined
  copy(text.length)
  return { text: decoded, at: [...from, placeOf(text.length)] }
}

function plainOf(groups: Readonly<Record<string, string | undefined>>): string | undefined {
  const { utf8, unit, hex, short, hexCode, code, name } = groups
  if (utf8 !== undefined) {
    const bytes = Buffer.from(utf8.replaceAll('%', ''), 'hex')
    return bytes.toString(bytes.length > 1 ? 'utf8' : 'latin1')
  }
  if (short !== undefined) return shortEscapes[short] ?? short
  if (name !== undefined) return entities.get(name) ?? entities.get(name.toLowerCase())
  const number = code === undefined ? Number.parseInt(unit ?? hex ?? hexCode ?? '', 16) : Number(code)
  return number <= 0x10_ff_ff ? String.fromCodePoint(number) : undefined
}

const shortEscapes: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** The names that encoders write, of ASCII and of Latin-1. */
const entities: ReadonlyMap<string, string> = new Map([
  ...'Tab\t NewLine\n excl! quot" num# dollar$ percnt% amp& apos\' lpar( rpar) ast* plus+ comma, period. sol/ colon: semi; lt< equals= gt> quest? commat@ lsqb[ lbrack[ bsol\\ rsqb] rbrack] Hat^ lowbar_ grave` lcub{ lbrace{ verbar| vert| rcub} rbrace}'
    .split(' ')
    .map((entry) => [entry.slice(0, -1), entry.slice(-1)] as const),
  ...'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'
    .split(' ')
    .map((name, index) => [name, String.fromCharCode(0xa0 + index)] as const),
])
