/** What expressions cost a probe: RE2's beside those of JavaScript, and the worst of them. In one run, on one thread. */
import { compileRegexp, type Regexp } from '../../../src/runtime/regexp.ts'
import type { Row } from '../table.ts'

/** A literal in alternatives, and one with repetitions. */
const usual = ['Exception|Stack trace|Service Unavailable', String.raw`v\d+\.\d+`] as const
/** The engine has to follow as many states as it has steps. */
const worst = '(?:0|1)*0(?:0|1){900}2'

const rounds = 15

export async function expressionRows(): Promise<Row[]> {
  const page = pageOf(20_000)
  const re2 = usual.map(compiled)
  const js = usual.map((source) => new RegExp(source))
  const [re2Ms, jsMs] = [fastestMs(page, re2), fastestMs(page, js)]
  const million = pageOf(2 ** 20)
  const textsMs = fastestMs(million, [compiled('(?i)exception|error in')])
  const millionMs = fastestMs(million, [compiled(String.raw`\d+\.\d+\.\d+`)])
  const { find } = compiled(String.raw`(\d+\.\d+)\.`)
  const findMs = fastestMs(million, [{ test: (text) => find(text) !== undefined }])
  const irregular = Array.from({ length: 30_000 }, (_, n) => (n * n).toString(2)).join('')
  const worstMs = fastestMs(`${irregular}2`, [compiled(worst)], 3)
  return [
    row('two expressions on a page of 20 KB, RE2', `${(re2Ms * 1000).toFixed(0)} us`),
    row(
      'the same by JavaScript',
      `${(jsMs * 1000).toFixed(0)} us (RE2 takes ${(re2Ms / jsMs).toFixed(0)} times as long)`,
    ),
    row('texts in any case on 1 MiB', `${textsMs.toFixed(1)} ms`),
    row('an expression on 1 MiB, RE2', `${millionMs.toFixed(0)} ms`),
    row('the same, and its first group', `${findMs.toFixed(0)} ms`),
    row('the costliest expression, given up', `${worstMs.toFixed(0)} ms`),
  ]
}

const row = (what: string, measured: string): Row => ({ what, measured })

type Tests = Pick<Regexp, 'test'>

function compiled(source: string): Regexp {
  const found = compileRegexp(source)
  if ('what' in found) throw new Error(found.what)
  return found
}

/** A table of orders, with a version at its end. */
function pageOf(length: number): string {
  let page = '<!doctype html><title>Intranet</title><h1>Welcome</h1><table>\n'
  for (let n = 0; page.length < length; n++)
    page += `<tr class="row"><td><a href="/orders/${n}?page=1">Order ${n}</a></td><td>open &amp; due</td></tr>\n`
  return `${page}</table><p>version v4.17.2</p>`
}

/** Milliseconds of the fastest round: each has texts of its own, since engines remember the last one. */
function fastestMs(text: string, expressions: readonly Tests[], times = rounds): number {
  let fastest = Number.POSITIVE_INFINITY
  for (let round = 0; round < times; round++) {
    const own = Buffer.from(`${round}${text}`).toString()
    const startedMs = performance.now()
    for (const expression of expressions) search(expression, own)
    fastest = Math.min(fastest, performance.now() - startedMs)
  }
  return fastest
}

function search(expression: Tests, text: string): void {
  try {
    expression.test(text)
  } catch {
    // It was given up: how long that took is what is measured.
  }
}
