/** Regular expressions as module files have them: RE2's, in syntax and in taking linear time. */
import { RE2JS } from 're2js'

export interface Regexp {
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean
}

/** An expression, or why it is none. */
export function compileRegexp(source: string): Regexp | string {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    // The engine repeats what it stopped at, which the message shows anyway.
    return (error as Error).message.replace(/^error parsing regexp: /, '').replace(/: `.*$/s, '')
  }
}

/** Compiles each expression once. */
export function createRegexps(): (source: string) => Regexp {
  const known = new Map<string, Regexp>()
  return (source) => {
    const found = known.get(source) ?? compileRegexp(source)
    if (typeof found === 'string') throw new Error(`not a regular expression: ${found}`)
    known.set(source, found)
    return found
  }
}
