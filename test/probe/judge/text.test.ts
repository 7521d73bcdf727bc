import { expect, test } from 'vitest'
import { textOf } from '../../../src/probe/judge/text.ts'

const read = (body: Buffer, contentType?: string) =>
  textOf({ headers: contentType === undefined ? [] : [['content-type', contentType]] }, body)

const mark = (text: string) => `\ufeff${text}`
const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16()

test.each([
  ['a mark of UTF-8', Buffer.from(mark('Grüße')), 'text/html; charset=iso-8859-1', 'Grüße'],
  ['a mark of UTF-16', Buffer.from(mark('Grüße'), 'utf16le'), 'text/html; charset=utf-8', 'Grüße'],
  ['a mark of big-endian UTF-16', bigEndian(mark('Grüße')), undefined, 'Grüße'],
  ['the Content-Type', Buffer.from([0x80, 0x20, 0xdf]), 'text/plain; charset=windows-1252', '€ ß'],
  ['the Content-Type, quoted', Buffer.from([0xf0, 0xd2]), 'text/html;charset="koi8-r"; x=y', 'Пр'],
  ['the Content-Type, in single quotes', Buffer.from([0xa4]), "text/html; charset='iso-8859-15'", '€'],
  ['nothing', Buffer.from('Grüße'), undefined, 'Grüße'],
  ['a name nobody knows', Buffer.from('Grüße'), 'text/html; charset=nonsense', 'Grüße'],
  ['an empty name', Buffer.from('Grüße'), 'text/html; charset=', 'Grüße'],
])('a body is read by %s', (_by, body, contentType, text) => {
  expect(read(body, contentType)).toBe(text)
})

const greeting = Buffer.from([0x47, 0x72, 0xfc, 0xdf, 0x65])

test.each([
  '<meta charset=iso-8859-1>',
  '<html>\n<META  CHARSET = "ISO-8859-1" />',
  "<head><meta http-equiv='Content-Type' content='text/html; charset=iso-8859-1'>",
  '<meta name=viewport content="width=1"><meta http-equiv=content-type content=text/html;charset=windows-1252>',
  '<?xml version="1.0" encoding="ISO-8859-1"?><p>',
  '<!-- <meta charset=utf-8> --><meta charset=latin1>',
])('%s declares the charset of a page whose Content-Type has none', (declaration) => {
  const body = Buffer.concat([Buffer.from(declaration), greeting])
  expect(read(body, 'text/html')).toBe(`${declaration}Grüße`)
  expect(read(body)).toBe(`${declaration}Grüße`)
})

test.each([
  ['a Content-Type with a charset', '<meta charset=iso-8859-1>', 'text/html; charset=utf-8'],
  ['a page that is no markup', '<meta charset=iso-8859-1>', 'application/json'],
  ['a declaration beyond the first kilobyte', `${' '.repeat(1024)}<meta charset=iso-8859-1>`, 'text/html'],
  ['a declaration that cannot be true', '<meta charset=utf-16>', 'text/html'],
  ['an attribute of another element', '<script data-charset=iso-8859-1>', 'text/html'],
  ['another attribute', '<meta data-charset=iso-8859-1>', 'text/html'],
])('%s is not read in the charset that the page declares', (_what, declaration, contentType) => {
  expect(read(Buffer.from(`${declaration}Grüße`), contentType)).toBe(`${declaration}Grüße`)
})

test('declarations that never end take no time', () => {
  const startedMs = performance.now()
  read(Buffer.from('<meta '.repeat(200_000)), 'text/html')
  read(Buffer.from('<meta charset= '.repeat(100_000)), 'text/html')
  read(Buffer.from('<!--'.repeat(200_000)), 'text/html')
  expect(performance.now() - startedMs).toBeLessThan(500)
})
