/** Text of others for people: it must not move a cursor, end a line, hide, or turn the direction of what is read. */

/** Control and format characters, such as marks of direction; joiners, which words of some scripts need, are none. */
const unprintable = /[[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]--[\u200c\u200d]]/v
const all = new RegExp(unprintable, 'gv')

const escape = (character: string) =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')

export const isPrintable = (text: string): boolean => !unprintable.test(text)

/** On one line, with escapes as JSON has them. */
export const printable = (text: string): string => text.replaceAll(all, escape)

/** The same, but line ends and tabs stay. */
export const printableLines = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replaceAll(all, (each) => (each === '\n' || each === '\t' ? each : escape(each)))
