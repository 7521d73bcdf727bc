import { expect, test } from 'vitest'
import { decodeXml } from '../../../src/iis/read/document.ts'
import { parseXml } from '../../../src/iis/read/parse_xml.ts'
import { placeText } from '../../../src/model/place.ts'
import { readingOf } from '../../support/files/iis_files.ts'

const text = '<configuration>\r\n  <!-- é -->\r\n\t<a Name="x"\r\n     other=\'"y"\' /></configuration>'

const utf16 = (order: 'le' | 'be', mark: boolean) => {
  const bytes = Buffer.from(mark ? `\ufeff${text}` : text, 'utf16le')
  return order === 'le' ? bytes : bytes.swap16()
}

test.for([
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
  ['UTF-16 LE with a mark', utf16('le', true)],
  ['UTF-16 LE', utf16('le', false)],
  ['UTF-16 BE with a mark', utf16('be', true)],
  ['UTF-16 BE', utf16('be', false)],
] as const)('%s is read, and every element and attribute has its place', ([, bytes]) => {
  const decoded = decodeXml(bytes)
  expect(decoded).toEqual({ text })
  const parsed = parseXml(text, 'f')
  const element = 'root' in parsed ? parsed.root.children[0] : undefined
  expect(element && placeText(element.place)).toBe('f:3:2')
  expect(
    [...(element?.attributes ?? [])].map(([key, { value, place }]) => [key, value, placeText(place)]),
  ).toEqual([
    ['Name', 'x', 'f:3:5'],
    ['other', '"y"', 'f:4:6'],
  ])
})

const declared = (encoding: string, rest: string) =>
  Buffer.from(`<?xml version="1.0" encoding="${encoding}"?><a b="${rest}"/>`, 'latin1')

test('a declared one-byte encoding is taken at its word, a declared UTF-16 that is none is not', () => {
  expect(decodeXml(declared('windows-1252', '\x80'))).toMatchObject({ text: expect.stringContaining('€') })
  expect(decodeXml(declared('utf-16', 'x'))).toMatchObject({ text: expect.stringContaining('b="x"') })
  expect(decodeXml(declared('utf-8', '\xff'))).toEqual({ why: 'it is not UTF-8 text' })
})

const bomb =
  '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>' +
  '<configuration x="&c;">&c;</configuration>'

test.for([
  ['an empty file', '', 'host.config: there is no element in it; it is empty'],
  [
    'a binary file',
    '\0\x01PK',
    'host.config:1:1: a control character that XML forbids; this is not a text of XML',
  ],
  [
    'YAML',
    'key: value',
    'host.config:1:1: not well-formed XML: not XML: an IIS configuration begins with <?xml or <configuration>',
  ],
  [
    'a wrong closing tag',
    '<configuration>\n  <a>\n</configuration>',
    'host.config:3:16: not well-formed XML: a closing tag that does not fit the element that is open',
  ],
  [
    'a file that was cut short',
    '<configuration><a',
    'host.config:1:17: not well-formed XML: the file ends before its root element is closed; it was cut short',
  ],
  [
    'an entity of HTML',
    '<configuration>\n<a b="&nbsp;"/></configuration>',
    'host.config:2:12: not well-formed XML: an entity that is not &amp; &lt; &gt; &quot; &apos; or a number; write one of these',
  ],
  [
    'another root',
    '<web/>',
    'host.config:1:1: the root element is <web>; a configuration of IIS begins with <configuration>',
  ],
  [
    'an entity bomb',
    bomb,
    'host.config:1:1: a document type (DOCTYPE): entities and DTDs are not read, and IIS writes none; drop it',
  ],
  [
    'an external DTD',
    '<?xml version="1.0"?>\n<!DOCTYPE configuration SYSTEM "file:///etc/passwd">\n<configuration/>',
    'host.config:2:1: a document type (DOCTYPE): entities and DTDs are not read, and IIS writes none; drop it',
  ],
  [
    'endless nesting',
    '<a>'.repeat(200),
    'host.config:1:301: elements nested more than 100 deep; no IIS does that',
  ],
  [
    'a transform',
    '<configuration xmlns:x="http://schemas.microsoft.com/XML-Document-Transform">\n<a x:Transform="Remove"/></configuration>',
    'host.config:2:4: an XDT transform, which only says how another file is changed; name the file that it makes',
  ],
  [
    'a redirection',
    '<configuration><configurationRedirection enabled="true" path="\\\\fs01\\iis" userName="u" password="p" /></configuration>',
    'host.config:1:57: IIS does not keep its configuration here: it is shared, and lies in "\\\\fs01\\iis"; name the applicationHost.config in there',
  ],
] as const)('%s is refused with its place', async ([, content, problem]) => {
  expect(await readingOf(content)).toBe(problem)
})

test('more elements than any IIS has are refused before they fill the memory', async () => {
  expect(await readingOf(`<configuration>${'<a/>'.repeat(300_001)}</configuration>`)).toMatch(
    /more than 300000 elements; no IIS has that many$/,
  )
})

test('a namespace that nothing uses is no transform, and a redirection that is not enabled none', async () => {
  const harmless =
    '<configuration xmlns:xdt="http://schemas.microsoft.com/XML-Document-Transform">' +
    '<configurationRedirection enabled="false" path="x" /></configuration>'
  expect(typeof (await readingOf(harmless))).toBe('object')
})
