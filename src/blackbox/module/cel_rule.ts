/** Rules in CEL on a body of JSON. */
import { Environment, ParseError } from '@marcbachmann/cel-js'
import { BadRegexp, createRegexps } from '../../runtime/regexp.ts'

/** Far more than real rules need; larger ones could take long. */
const limits = { maxAstNodes: 5000, maxDepth: 100 }

/** CEL's `matches` is RE2's; the library's backtracks. It cannot be replaced, so that rules call ours in its place. */
const ownMatches = 'matchesRe2'

const compile = createRegexps()

const language = new Environment({ limits })
  .registerVariable('body', 'dyn')
  .registerFunction(`string.${ownMatches}(string): bool`, (text: string, source: string) =>
    compile(source).test(text),
  )

type Node = ReturnType<typeof language.parse>['ast']

/** Makes every call of `matches` one of ours, and compiles the expressions that are written in the rule. */
function callOwnMatches(node: unknown): void {
  if (Array.isArray(node)) return node.forEach(callOwnMatches)
  if (typeof node !== 'object' || node === null || !('op' in node)) return
  const { op, args } = node as Node
  if (op === 'rcall' && args[0] === 'matches') {
    args[0] = ownMatches
    const [source] = args[2]
    if (source?.op === 'value' && typeof source.args === 'string') compile(source.args)
  }
  callOwnMatches(args)
}

/** A rule, or why it is none. */
export function compileJsonRule(source: string) {
  try {
    const rule = language.parse(source)
    callOwnMatches(rule.ast)
    const { valid, error, type } = rule.check()
    if (!valid) return firstLine(error)
    if (type !== 'bool' && type !== 'dyn') return `it gives a ${String(type)}, not true or false`
    return {
      /** The value of the rule for a body; throws where it has none, such as for a key that is not there. */
      evaluate: (body: unknown): unknown => rule({ body }),
    }
  } catch (error) {
    if (error instanceof ParseError || error instanceof BadRegexp) return firstLine(error)
    throw error
  }
}

const firstLine = (error: Error | undefined): string =>
  (error?.message.split('\n', 1)[0] ?? '').replace(/^./, (first) => first.toLowerCase())

/** Why an answer's body breaks a rule; undefined when it does not. */
export function jsonProblem(text: string, source: string, failIf: boolean): string | undefined {
  const body = parsed(text)
  if (body === undefined) return 'the body is not JSON'
  const rule = compileJsonRule(source)
  if (typeof rule === 'string') throw new Error(`not a CEL expression: ${rule}`)
  try {
    const result = rule.evaluate(body.value)
    if (typeof result !== 'boolean') return 'the expression gives neither true nor false'
    return result === failIf ? `the expression is ${result}` : undefined
  } catch (error) {
    return `the expression cannot be evaluated: ${firstLine(error as Error)}`
  }
}

/** Mappings without a prototype: a key such as `constructor` is there only when the body has it. */
function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}
