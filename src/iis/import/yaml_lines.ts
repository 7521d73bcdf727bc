/** YAML whose lines say in a comment where they come from. */
export type YamlLines = ReturnType<typeof yamlLines>

export function yamlLines(head: readonly string[]) {
  const lines: string[] = []
  const questions = new Set<string>()
  let isItem = false
  const push = (depth: number, text: string, source?: string) => {
    const indent = isItem ? `${'  '.repeat(depth - 1)}- ` : '  '.repeat(depth)
    isItem = false
    lines.push(`${indent}${text}${source === undefined ? '' : ` # ${oneLine(source)}`}`)
  }
  const comment = (depth: number, text: string) =>
    void lines.push(`${'  '.repeat(depth)}# ${oneLine(text)}`.trimEnd())
  return {
    /** A line of its own, at the depth of the lines around it. */
    comment,
    /** What the file says of no farm: a person decides it once for all of them, at the head. */
    ask: (question: string) => void questions.add(question),
    /** What the file does not say: a person has to. */
    decide: (depth: number, text: string) => comment(depth, `DECIDE: ${text}`),
    blank: () => void lines.push(''),
    /** `key: value`, with where it came from. */
    entry: (depth: number, key: string, value: string, source?: string) =>
      push(depth, `${key}: ${value}`, source),
    /** `key:` before deeper lines. */
    open: (depth: number, key: string, source?: string) => push(depth, `${key}:`, source),
    /** Makes the next entry the first one of a list item. */
    item: () => void (isItem = true),
    text() {
      const asked = [...questions].map((question) => `DECIDE: ${question}`)
      return `${[...[...head, ...asked].map((line) => `# ${oneLine(line)}`), ...lines].join('\n')}\n`
    },
  }
}

/** No name in a configuration can end a comment and begin a line of YAML. */
const oneLine = (text: string) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')

/** A text as a YAML value of a farmprobe configuration, where a dollar would begin a variable. */
export function scalar(value: string): string {
  const escaped = value.replaceAll('$', '$$$$')
  const plain =
    /^[a-z_/][\w./-]*$/i.test(escaped) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(escaped)
  return plain ? escaped : JSON.stringify(escaped)
}
