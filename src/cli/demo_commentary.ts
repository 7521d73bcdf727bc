import { styleText } from 'node:util'
import type { Farm } from '../model/farm.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Stream } from './terminal.ts'

/** From this many columns on, the farm's deeds and farmprobe's findings stand side by side. */
const sideBySideColumns = 120

const headings = { farm: 'what the simulated farm did', farmprobe: 'what farmprobe saw' } as const

type Side = keyof typeof headings

export interface Commentary {
  opening(url: string, farm: Farm): void
  /** Something the simulated farm did. */
  happened(kind: string, sentence: string): void
  /** Something farmprobe concluded. */
  seen(kind: string, sentence: string): void
  closing(): void
}

/** The running commentary of the demo: two columns on a wide terminal, marked lines elsewhere. */
export function createCommentary(stream: Stream, clock: Clock): Commentary {
  const columns = stream.isTTY ? (stream.columns ?? 80) : 0
  const wide = columns >= sideBySideColumns
  const counts: Record<Side, Map<string, number>> = { farm: new Map(), farmprobe: new Map() }
  const write = (side: Side, sentence: string) => {
    const time = new Date(clock.wallMs()).toTimeString().slice(0, 8)
    const line = wide ? inColumns(side, sentence, columns - 12) : `${side.padEnd(9)}  ${sentence}`
    stream.write(`${dim(stream, time)}  ${side === 'farm' ? dim(stream, line) : line}\n`)
  }
  const say = (side: Side) => (kind: string, sentence: string) => {
    counts[side].set(kind, (counts[side].get(kind) ?? 0) + 1)
    write(side, sentence)
  }
  return {
    opening(url, farm) {
      stream.write(`${introduction(url, farm)}\n`)
      if (wide)
        stream.write(`${' '.repeat(10)}${headings.farm.padEnd((columns - 12) / 2)} │ ${headings.farmprobe}\n`)
    },
    happened: say('farm'),
    seen: say('farmprobe'),
    closing() {
      stream.write(
        `\n${headings.farm}: ${tally(counts.farm)}\n${headings.farmprobe}: ${tally(counts.farmprobe)}\n`,
      )
    },
  }
}

function introduction(url: string, farm: Farm): string {
  const nodes = farm.nodes.map((node) => node.name).join(', ')
  return [
    `A simulated farm, ${farm.name}: ${nodes} behind a balancer that gives up on a slow node and answers 502.`,
    `The page is at ${url}/, the metrics at ${url}/metrics. Ctrl-C ends it.`,
    '',
  ].join('\n')
}

function inColumns(side: Side, sentence: string, columns: number): string {
  const half = Math.floor(columns / 2) - 2
  const lines = wrap(sentence, half)
  return lines
    .map((line) => (side === 'farm' ? `${line.padEnd(half)} │` : `${' '.repeat(half)} │ ${line}`))
    .join(`\n${' '.repeat(10)}`)
}

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

const dim = (stream: Stream, text: string) =>
  stream.isTTY ? styleText('dim', text, { validateStream: false }) : text

const tally = (counts: ReadonlyMap<string, number>) =>
  [...counts].map(([kind, count]) => `${count} ${kind.replaceAll('_', ' ')}`).join(', ') || 'nothing'
