/**
 * How likely a silence of a node was a recycle: one sum of log-odds over named pieces of evidence. The weights were set by hand,
 * after a logistic regression over 68 runs of real servers (proof/truth/zoo) and a day of each simulated scenario.
 */
import { formatDuration } from '../../runtime/duration.ts'

/** What is known of a silence of a node and of what surrounded it. */
export interface Facts {
  readonly lengthMs: number
  /** The logarithm of how many times as often there is a cold start of this length as slowness by nature. */
  readonly logOdds: number
  /** Probes that were answered at its end, after having waited. */
  readonly waited: number
  /** Connections that were refused, reset or closed. */
  readonly broken: number
  /** Of these the refused ones: nobody listened any more. */
  readonly refused: number
  /** Checks that met it. */
  readonly checks: number
  /** Every other node waited as well and was released in the same moment. */
  readonly peersReleased: boolean
  /** There are other nodes, and none of them was slow meanwhile. */
  readonly peersQuick: boolean
  /** The share of its probes for which connecting took far longer than usual. */
  readonly networkSlow: number
  /** Other silences, at least half as long, just before or after it. */
  readonly repeated: number
}

/** No length alone decides. */
const mostLogOdds = 12

/**
 * What each piece counts. The last two are next to proof of another cause: what all nodes wait for is elsewhere, and a node
 * that answers at once after failures may be the old one.
 */
const weights = {
  length: 1,
  waiters: 0.5,
  broken: 0.5,
  refused: 2,
  checks: 0.4,
  networkSlow: -2.3,
  repeated: -1.4,
  peersReleased: -12,
  nobodyWaited: -30,
} as const

type Evidence = keyof typeof weights

const atMostTwo = (count: number): number => Math.min(2, Math.log2(Math.max(1, count)))

/** Every piece of evidence as a number: 0 is none. */
export function evidenceOf(facts: Facts): Readonly<Record<Evidence, number>> {
  const { logOdds, waited, broken, refused, checks, networkSlow, repeated, peersReleased } = facts
  return {
    length: Math.max(-mostLogOdds, Math.min(mostLogOdds, logOdds)),
    waiters: atMostTwo(waited),
    broken: atMostTwo(1 + broken),
    refused: atMostTwo(1 + refused),
    checks: Number(checks > 1),
    networkSlow,
    repeated: Math.log2(1 + repeated),
    peersReleased: Number(peersReleased),
    nobodyWaited: Number(waited === 0),
  }
}

/** 0 to 1. */
export function probabilityOf(facts: Facts): number {
  const evidence = evidenceOf(facts)
  const names = Object.keys(weights) as Evidence[]
  const logOdds = names.reduce((sum, name) => sum + weights[name] * evidence[name], 0)
  return 1 / (1 + Math.exp(-logOdds))
}

/** Why it is taken for a recycle, for people: a part of a sentence. */
export function reasonsOf({ lengthMs, waited, broken, refused, networkSlow, peersQuick }: Facts): string {
  const other = broken - refused
  return [
    refused > 0 ? `it refused ${counted(refused, 'connection')}` : '',
    other > 0 ? `${counted(other, 'connection')} broke` : '',
    waited > 0
      ? `${counted(waited, 'probe')} waited for the same moment, ${formatDuration(lengthMs)}`
      : 'then it answered again',
    networkSlow > 0 ? 'but the network was slow as well' : '',
    peersQuick ? 'the other nodes were quick' : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
