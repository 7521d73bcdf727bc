/**
 * A list that grows with what a file, a target or a journal holds is never spread into the arguments of a call: each
 * argument takes a place on the stack, and some hundred thousand of them end the call with a RangeError.
 */
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** What is called with lists of any length: calls of these take single values only. */
const taking = /(?:Math\.(?:min|max|hypot)|\.(?:push|unshift|splice|apply)|fromC(?:har|ode)\w*)$/

/** The calls in a source that have a list spread into their arguments, as `callee(` with its line. */
function spreadingCalls(source: string): string[] {
  const open: { readonly bracket: string; readonly callee: string }[] = []
  const found: string[] = []
  for (const { 0: token, index } of source.matchAll(/\.\.\.|[()[\]{}]/g)) {
    if ('([{'.includes(token)) open.push({ bracket: token, callee: wordBefore(source, index) })
    else if (token !== '...') open.pop()
    else if (open.at(-1)?.bracket === '(' && taking.test(open.at(-1)?.callee ?? ''))
      found.push(`${open.at(-1)?.callee} in line ${source.slice(0, index).split('\n').length}`)
  }
  return found
}

const wordBefore = (source: string, index: number) =>
  /[\w.?!]*$/.exec(source.slice(Math.max(0, index - 40), index))?.[0] ?? ''

test('a spread into the arguments is found, and one into a list or an object is none', () => {
  expect(
    spreadingCalls('Math.max(0, ...sizes)\nlist.push(\n  ...more,\n)\ntext(String.fromCharCode(...bytes))'),
  ).toEqual(['Math.max in line 1', 'list.push in line 3', 'String.fromCharCode in line 5'])
  expect(spreadingCalls('list.push({ ...item }, [...items]); least([...a, ...b]); where(...keys)')).toEqual(
    [],
  )
})

test('no source spreads a list into arguments', () => {
  const files = globSync('src/**/*.ts')
  expect(files.length).toBeGreaterThan(300)
  const found = files.flatMap((file) =>
    spreadingCalls(readFileSync(file, 'utf8')).map((call) => `${file}: ${call}`),
  )
  expect(found).toEqual([])
})
