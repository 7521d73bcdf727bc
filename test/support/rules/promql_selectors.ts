/** Takes PromQL apart as far as tests need it: enough for expressions whose every metric has braces. */

interface Matcher {
  readonly label: string
  readonly operator: string
  readonly value: string
}

/** One metric in an expression. */
export interface Selector {
  readonly metric: string
  readonly matchers: readonly Matcher[]
  /** What stands directly before it, without blanks, such as `rate(`. */
  readonly before: string
  /** The window in brackets with what follows it, such as `$__range] @ end()`; undefined for none. */
  readonly window?: string
  /** What stands after it and its window, without blanks. */
  readonly after: string
}

export const selectorsOf = (expr: string): Selector[] =>
  [...expr.matchAll(/([a-zA-Z_:][\w:]*)\{([^}]*)\}(?:\[([^\]]*)\])?/g)].map((found) => {
    const [text, metric = '', matchers = '', window] = found
    return {
      metric,
      matchers: [...matchers.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
        ([, label = '', operator = '', value = '']) => ({ label, operator, value }),
      ),
      before: expr.slice(0, found.index).replaceAll(/\s/g, ''),
      after: expr.slice(found.index + text.length).replaceAll(/\s/g, ''),
      ...(window !== undefined && { window }),
    }
  })

/** The labels that an expression groups or joins by. */
export const labelsNamedIn = (expr: string): string[] =>
  [...expr.matchAll(/\b(?:by|on|group_left|without|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, labels = '']) =>
    labels
      .split(',')
      .map((label) => label.trim())
      .filter(Boolean),
  )

/** The labels that `label_replace` makes. */
export const labelsMadeIn = (expr: string): string[] =>
  [...expr.matchAll(/"(\w+)", "\$\d", "\w+", /g)].map(([, label = '']) => label)
