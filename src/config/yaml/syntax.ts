import type { Document } from 'yaml'

/** What the parser's words do not help with. */
const hints: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document begins here; write one document to a file, without `---`',
  BAD_ALIAS: 'a value that begins with `*` is an alias; put a cron expression in quotes: "*/5 * * * *"',
  TAG_RESOLVE_FAILED: 'a value that begins with `!` is a tag; put it in quotes',
  TAB_AS_INDENT: 'a tab indents this line; YAML wants spaces',
}

export interface SyntaxMistake {
  readonly offset: number
  readonly message: string
}

/** What is wrong with a text as YAML. */
export function syntaxMistakes(document: Document.Parsed, text: string): SyntaxMistake[] {
  const complaints = [...document.errors, ...document.warnings]
  const exhausted = complaints.find(({ code }) => code === 'RESOURCE_EXHAUSTION')
  if (exhausted !== undefined)
    return [
      {
        offset: exhausted.pos[0],
        message: 'nested too deeply; no configuration needs more than a few levels',
      },
    ]
  return complaints.map(({ pos: [offset], code, message }) => ({
    offset,
    // A brace ends a plain value inside braces, and so the one of a reference does.
    message: text.startsWith('${', offset - 1)
      ? 'a reference inside {} or [] needs quotes: "${NAME}"'
      : (hints[code] ?? inOwnWords(message)),
  }))
}

/** The parser's words without what they quote after a colon: that may be a secret. */
function inOwnWords(message: string): string {
  const words = message.replace(/(?<! or): .*$/s, '')
  return `not YAML: ${words.replace(/^./, (first) => first.toLowerCase())}`
}
