/** The documents that people write and read: Markdown files of the repository, by their path from its root. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

export const documents: readonly string[] = globSync(
  ['*.md', 'docs/**/*.md', 'proof/**/*.md', '.github/**/*.md'],
  { cwd: root },
).sort()

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

const fences = /^( *)```[\s\S]*?^\1```$/gm

/** The code blocks of a language, without the indentation of lists. */
export const blocksOf = (path: string, language: string): string[] =>
  [...textOf(path).matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)\\n *\`\`\`$`, 'gm'))].map(
    ([, indent = '', text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )

/** Paths from the root, wherever a document names them: in prose, code, commands and tables. */
const pathInTree =
  /(?<![\w/.@:-])(?:\.ci|\.github|config|contrib|dashboards|deploy|docs|proof|src|test|tools)\/[\w./*-]*[\w/*]/g

/** A change that somebody might make may name a file that does not exist yet. */
const diffs = /^```diff\n[\s\S]*?^```$/gm

/** The paths that a document names and that are not in the tree; a pattern has to match something. */
export const missingPaths = (path: string): string[] =>
  [...new Set(textOf(path).replaceAll(diffs, '').match(pathInTree) ?? [])].filter((named) => !isInTree(named))

const isInTree = (path: string) =>
  path.includes('*') ? globSync(path, { cwd: root }).length > 0 : existsSync(join(root, path))

/** The links of a document within the repository that lead nowhere: to no file, or to no heading of it. */
export function brokenLinks(path: string): string[] {
  const text = textOf(path)
    .replaceAll(fences, '')
    .replaceAll(/`[^`\n]*`/g, '``')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => !/^[a-z]+:/.test(link) && !leadsSomewhere(path, link))
}

function leadsSomewhere(from: string, link: string): boolean {
  const [file = '', anchor] = link.split('#')
  const target = file === '' ? from : normalize(join(dirname(from), file))
  if (!existsSync(join(root, target))) return false
  return anchor === undefined || (target.endsWith('.md') && anchorsOf(target).includes(anchor))
}

/** The anchors of the headings of a document, as GitHub makes them. */
function anchorsOf(path: string): string[] {
  const known = new Map<string, number>()
  const headings = textOf(path)
    .replaceAll(fences, '')
    .matchAll(/^#+ +(.*)$/gm)
  return [...headings].map(([, heading = '']) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/\]\([^)]*\)/g, '')
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .trim()
      .replaceAll(' ', '-')
    const times = known.get(slug) ?? 0
    known.set(slug, times + 1)
    return times === 0 ? slug : `${slug}-${times}`
  })
}
