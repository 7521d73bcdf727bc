import { expect, test } from 'vitest'
import { parseConfig } from '../../../src/config/load_config.ts'
import { audit, rules } from '../../../src/iis/audit/rules.ts'
import { sarif } from '../../../src/iis/audit/sarif.ts'
import { importMachine } from '../../../src/iis/import/import_machine.ts'
import { type Random, seededRandom } from '../../../src/runtime/random.ts'
import { fixture, readingOf } from '../../support/files/iis_files.ts'

const runs = process.env['FARMPROBE_LONG'] === undefined ? 2000 : 10_000
const originals = [fixture('node'), fixture('balancer')]

const tokens = [
  '<',
  '>',
  '"',
  "'",
  '&',
  '/>',
  '</',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?x',
  '<!DOCTYPE x [',
  '&amp;',
  '&#0;',
  '&x;',
  '=',
  '\0',
  '\u2028',
  '\ud800',
  '\ufeff',
  '${HOME}',
  '$$',
  '# ',
  '\n',
  '__proto__="1" ',
  'hasOwnProperty="1" ',
  'name=""',
  'name="constructor"',
  '99:99:99',
  '29:00:00',
  '-1',
  '4294967296',
  '1e9',
  'NaN',
  '*:80:',
  '[::1]:443:x',
  'http://',
  'https://[/',
  '[enc:a:b:enc]',
  '<clear />',
  '<remove name="shop" />',
  '<location path="../..">',
  'configSource="x"',
  '<add value="24:00:00" />',
  'enabled="true"',
  '%',
  '\\\\server\\share',
  'a'.repeat(300),
]

/** One to six small changes, as an editor, a bad copy or an attacker makes them. */
function mutated(text: string, random: Random): string {
  const upTo = (most: number) => Math.floor(random() * most)
  // Most keep the XML whole: what is no XML gets no further than the parser.
  const isGentle = random() < 0.7
  let changed = text
  for (let count = 1 + upTo(6); count > 0; count--) {
    const at = upTo(changed.length)
    const end = Math.min(changed.length, at + 1 + upTo(random() < 0.2 ? 2000 : 30))
    const token = tokens[upTo(tokens.length)] ?? ''
    const piece = changed.slice(at, end)
    const made = [
      () => changed.slice(0, at) + changed.slice(end),
      () => changed.slice(0, end) + piece + changed.slice(end),
      () => changed.slice(0, at) + token + changed.slice(at),
      () => changed.slice(0, at) + token + changed.slice(end),
      () => (random() < 0.1 ? changed.slice(0, at) : changed),
      () => withValue(changed, at, token),
      () => withValue(changed, at, ''),
    ]
    changed = made[isGentle ? made.length - 1 - upTo(2) : upTo(made.length)]?.() ?? changed
  }
  return changed
}

/** Gives the next attribute another value, which keeps the XML whole and so gets deeper. */
function withValue(text: string, at: number, value: string): string {
  const start = text.indexOf('="', at)
  const end = text.indexOf('"', start + 2)
  return start < 0 || end < 0 ? text : text.slice(0, start + 2) + value + text.slice(end)
}

interface Verdict {
  readonly end: 'unreadable' | 'read' | 'imported'
  readonly findings: number
  /** What must not be; empty when all is well. */
  readonly faults: readonly unknown[]
}

/** Takes a file through everything that is done with one. */
async function judge(text: string): Promise<Verdict> {
  const reading = await readingOf(text)
  if (typeof reading === 'string') {
    const isClear = /^host\.config(:\d+:\d+)?: [^\p{Cc}]{20,500}$/u.test(reading)
    return { end: 'unreadable', findings: 0, faults: isClear ? [] : [reading] }
  }
  const found = audit([reading, reading])
  JSON.stringify(sarif(found, [], rules, '1'))
  const words = found.map(({ what, mend }) => [what, ...mend.appcmd, ...mend.powershell].join(' '))
  const faults: unknown[] = words.filter((line) => /\p{Cc}|c2VjcmV0/u.test(line))
  const imported = importMachine(reading)
  if (imported === undefined) return { end: 'read', findings: found.length, faults }
  const checked = await parseConfig(imported.yaml, 'farm.yaml', {}, async () => ({ why: 'none' }))
  if (!checked.ok) faults.push([imported.yaml, checked.problems])
  return { end: 'imported', findings: found.length, faults }
}

test(`${runs} mutated files end with a clear error or with findings`, { timeout: 120_000 }, async () => {
  const random = seededRandom(20_260_722)
  const verdicts: Verdict[] = []
  for (let run = 0; run < runs; run++)
    verdicts.push(await judge(mutated(originals[run % originals.length] ?? '', random)))
  expect(verdicts.flatMap(({ faults }) => faults)).toEqual([])
  // Each way out must have been taken often, or the mutations have become too tame or too wild.
  const often = runs / 10
  expect(verdicts.filter(({ end }) => end === 'unreadable').length).toBeGreaterThan(often)
  expect(verdicts.filter(({ end }) => end === 'imported').length).toBeGreaterThan(often)
  expect(verdicts.filter(({ findings }) => findings > 0).length).toBeGreaterThan(often)
})
