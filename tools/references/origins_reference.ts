import type { Pattern } from '../../src/origins/fingerprint.ts'
import { type OriginRow, originTable, unknownOrigin, unknownTells } from '../../src/origins/origin_of.ts'

const introduction = `# Who made an error answer

<!-- Generated from src/origins/ by tools/generate.ts: change those, not this. -->

An error page often says who wrote it: by its status line, its headers or its text. farmprobe knows these. \`origin\` is the
label of \`farmprobe_gateway_errors_total\` and a field of failures and errors in \`/api/v1\`; what the answer tells is
said by \`once\`, on the page, in the report and in the log. Answers 502, 503 and 504 that fit none are \`${unknownOrigin}\`:
made by
${unknownTells}.
Of other failures the origin is told only where it is known.

**Known from**: *source*, the product's own code; *docs*, its documentation; *capture*, an answer seen in public; *recall*,
memory alone. A page that was changed by its owner is not recognized. The first row that fits counts; texts are compared as they
are, in the first 16 KiB.`

/** docs/origins.md, written from the table. */
export function originReference(): string {
  const rows = originTable.flatMap(rowsOf)
  const head =
    '| product | `origin` | status | what it tells | given away by | known from |\n|---|---|---|---|---|---|'
  const codes = originTable.flatMap(({ details = [] }) => details)
  const sections = [...new Set(codes)].map(({ after, codes: meanings }) =>
    [
      `After \`${after.trim()}\`:`,
      '',
      '| code | what it means |',
      '|---|---|',
      ...Object.entries(meanings).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`),
    ].join('\n'),
  )
  const detailed =
    '## Codes on detailed pages\n\nIIS shows them where `errorMode` is `Detailed`; they are told besides.'
  return `${[introduction, `${head}\n${rows.join('\n')}`, detailed, ...sections].join('\n\n')}\n`
}

function rowsOf(origin: OriginRow): string[] {
  const { product, who, status, tells, onNode, evidence } = origin
  const row = (codes: string, told: string) =>
    `| ${product} | \`${who}\` | ${codes} | ${told} | ${marksOf(origin)} | ${evidence} |`
  const all = status.join(', ')
  const meanings = Object.entries(tells)
  const isOne = new Set(Object.values(tells)).size === 1
  const own = isOne ? [row(all, meanings[0]?.[1] ?? '')] : meanings.map(([code, told]) => row(code, told))
  return onNode === undefined ? own : [...own, row(`${all} of a node`, onNode)]
}

/** The conditions in short: of texts that stand for one another the first. */
function marksOf({ statusText, headers = {}, body }: OriginRow): string {
  const named = Object.entries(headers).map(([name, pattern]) =>
    pattern === 'absent' ? `no \`${name}\`` : `\`${name}\`${textOf(pattern, ': ')}`,
  )
  return [
    ...(statusText ? [`reason phrase${textOf(statusText, ' ')}`] : []),
    ...named,
    ...(body ? [body.is?.[0] === '' ? 'an empty body' : `text${textOf(body, ' ')}`] : []),
  ].join(', ')
}

function textOf({ is, starts, has }: Pattern, before: string): string {
  const text = is?.[0] ?? starts?.[0] ?? has?.[0]
  if (text === undefined) return ''
  return `${before}\`${text.trim().replaceAll('|', '\\|').replaceAll(/\s+/g, ' ')}\`${is ? '' : ' …'}`
}
