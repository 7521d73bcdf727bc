/** The running commentary of the demo: two columns on a wide terminal, marked lines elsewhere. */
import type { Farm } from '../model/farm.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Stream } from './process_edge.ts'
import { painter } from './terminal_text.ts'

/** From this many columns on, what the farm does and what farmprobe sees stand side by side. */
const sideBySideColumns = 120

/** The width of the time before each line, and its gap. */
const timeColumns = 10

const headings = { farm: 'what the simulated farm did', farmprobe: 'what farmprobe saw' } as const

type Side = keyof typeof headings

export function createCommentary(stream: Stream, clock: Clock) {
  const columns = stream.isTTY ? (stream.columns ?? 80) : 0
  const half = columns >= sideBySideColumns ? Math.floor((columns - timeColumns - 2) / 2) - 2 : undefined
  const paint = painter(stream)
  const counts: Record<Side, Map<string, number>> = { farm: new Map(), farmprobe: new Map() }
  return {
    opening(url: string, farm: Farm): void {
      stream.write(`${introduction(url, farm)}\n`)
      if (half !== undefined) stream.write(`${indent}${headings.farm.padEnd(half)} │ ${headings.farmprobe}\n`)
    },
    /** Something that the simulated farm did, or that farmprobe concluded; `kind` is counted for the end, where it is given. */
    add(side: Side, kind: string | undefined, sentence: string): void {
      if (kind !== undefined) counts[side].set(kind, (counts[side].get(kind) ?? 0) + 1)
      const time = new Date(clock.wallMs()).toTimeString().slice(0, 8)
      const line = half === undefined ? `${side.padEnd(9)}  ${sentence}` : inColumn(side, sentence, half)
      stream.write(`${paint('dim', time)}  ${side === 'farm' ? paint('dim', line) : line}\n`)
    },
    closing(): void {
      const [farm, farmprobe] = [tally(counts.farm), tally(counts.farmprobe)]
      stream.write(`\n${headings.farm}: ${farm}\n${headings.farmprobe}: ${farmprobe}\n`)
    },
  }
}

const indent = ' '.repeat(timeColumns)

function introduction(url: string, farm: Farm): string {
  const nodes = farm.nodes.map((node) => node.name).join(', ')
  return [
    `A simulated farm, ${farm.name}: ${nodes} behind a balancer that gives up on a slow node and answers 502.`,
    `The page is at ${url}/, the metrics at ${url}/metrics. Ctrl-C ends it.`,
    '',
  ].join('\n')
}

const inColumn = (side: Side, sentence: string, width: number): string =>
  wrap(sentence, width)
    .map((line) => (side === 'farm' ? `${line.padEnd(width)} │` : `${' '.repeat(width)} │ ${line}`))
    .join(`\n${indent}`)

function wrap(sentence: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of sentence.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

const tally = (counts: ReadonlyMap<string, number>) =>
  [...counts].map(([kind, count]) => `${count} ${kind.replaceAll('_', ' ')}`).join(', ') || 'nothing'
