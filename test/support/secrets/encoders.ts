/** How applications write a text of others into their pages: each encoder writes every character on its own. */

export type Encode = (text: string) => string

const eachOf =
  (encode: (character: string) => string): Encode =>
  (text) =>
    text.split('').map(encode).join('')

const special = /[<>&'"+`\u0080-\uffff]/
const hex = (character: string, length: number) => character.charCodeAt(0).toString(16).padStart(length, '0')

const named: Readonly<Record<string, string>> = {
  '<': 'lt',
  '>': 'gt',
  '&': 'amp',
  '"': 'quot',
  "'": 'apos',
  '/': 'sol',
  '=': 'equals',
  '(': 'lpar',
  é: 'eacute',
  ÿ: 'yuml',
}

const json: Encode = (text) => JSON.stringify(text).slice(1, -1)
const html: Encode = eachOf((each) => (each in named ? `&${named[each]};` : each))
const percent: Encode = encodeURIComponent
const dotNetJson: Encode = eachOf((each) =>
  each === '"' || special.test(each) ? `\\u${hex(each, 4).toUpperCase()}` : json(each),
)

/** By what writes like this. */
export const encoders: Readonly<Record<string, Encode>> = {
  plain: (text) => text,
  'the name of a header': (text) => text.toLowerCase(),
  'a program that likes capitals': (text) => text.toUpperCase(),
  'JSON.stringify': json,
  'System.Text.Json': dotNetJson,
  'JavaScriptStringEncode, all escaped': eachOf((each) => `\\u${hex(each, 4)}`),
  'a JavaScript string': eachOf((each) =>
    /\W/.test(each) && each < '\u0100' ? `\\x${hex(each, 2)}` : json(each),
  ),
  'HTML by names': html,
  'HTML in decimals': eachOf((each) => (/\W/.test(each) ? `&#${each.charCodeAt(0)};` : each)),
  'HTML in hexadecimals': eachOf((each) => `&#x${hex(each, 2)};`),
  encodeURIComponent: percent,
  'UrlEncode of .NET': (text) =>
    percent(text)
      .replaceAll(/%../g, (escape) => escape.toLowerCase())
      .replaceAll('%20', '+'),
  'JSON of HTML': (text) => dotNetJson(html(text)),
  'HTML of JSON': (text) => html(dotNetJson(text)),
  'a URL of a URL': (text) => percent(percent(text)),
  'JSON of a URL': (text) => dotNetJson(percent(text)),
}
