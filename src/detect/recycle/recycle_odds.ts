/**
 * How likely a silence of a node, or a long wait while the node answered others, was a recycle: one sum of log-odds over
 * named pieces of evidence. The weights were set by hand on runs of real servers (proof/truth/zoo) and
 * days of simulated pauses and heavy tails; what the length says is worked out in `wait_lengths.ts` and `alike_waits.ts`.
 */
import { formatDuration } from '../../runtime/duration.ts'
import type { Likeness } from './alike_waits.ts'

/** What is known of a silence of a node and of what surrounded it. */
export interface Facts {
  /** The longest wait that ended with it, in milliseconds. */
  readonly waitMs: number
  /** Others were answered at once meanwhile: it concerns one worker of several, or one page. */
  readonly overtaken: boolean
  /** Probes that were answered at its end, after having waited. */
  readonly waited: number
  /** Probes that were asked after its start and answered before its end, though slowly. */
  readonly trickled: number
  /** Connections that were refused, reset or closed. */
  readonly broken: number
  /** Of these the refused ones: nobody listened any more. */
  readonly refused: number
  /** Checks that met it. */
  readonly checks: number
  readonly likeness: Likeness
  /** Every other node waited as well and was released in the same moment. */
  readonly peersReleased: boolean
  /** There are other nodes, and none of them was slow meanwhile. */
  readonly peersQuick: boolean
  /** The share of the other nodes on which a probe failed, or waited a third as long, at the same time. */
  readonly peersTroubled: number
  /** The share of its probes for which connecting took far longer than usual. */
  readonly networkSlow: number
  /** Other silences, at least half as long, just before or after it. */
  readonly repeated: number
}

/** What is less likely is not reported. */
export const leastProbability = 0.7

/** No length alone decides. */
const mostLogOdds = 12

/** What each piece counts. */
const weights = {
  /** As it is: `wait_lengths.ts` gives log-odds. */
  length: 1,
  /** One slow answer among quick ones is the nature of a page, unless others were as long. */
  overtaken: -6,
  /** Waits as long as others, to a few percent, are for the same thing: once each, that is a start. */
  alike: 2.4,
  /** A page that is slow is so by itself, a worker for all its pages. */
  acrossChecks: 7,
  /** Whoever asked waited; how long says most of it already. */
  waiters: 0.4,
  /** Nobody is answered while a worker starts; a slow network or a busy worker lets some through. */
  trickled: -2.5,
  /** A worker that ends breaks off what it had. So do proxies and networks. */
  broken: 0.5,
  /** Nobody listens: the process has ended. A single refusal may come from elsewhere. */
  refused: 2,
  checks: 0.4,
  networkSlow: -2.3,
  /** Pauses and bad weather come in rows. */
  repeated: -1.4,
  /** Nodes restart one by one, deploys aside; a network and a database are common to all. */
  peersTroubled: -1.2,
  /** Next to proof of another cause: what all nodes wait for is elsewhere. */
  peersReleased: -12,
  /** Connections broke, and the next answer came at once: the worker may be the old one. */
  nobodyWaited: -8,
} as const

/**
 * A process can stand still without ending, as a JVM does in each full garbage collection: unless connections were refused,
 * no wait makes a recycle surer than this. So many of the surest were recycles on recorded farms.
 */
const surestByWaits = 0.95

type Evidence = keyof typeof weights

const atMostTwo = (count: number): number => Math.min(2, Math.log2(Math.max(1, count)))

/** Every piece of evidence as a number: 0 is none; `lengthLogOdds` is what the length of the wait says. */
export function evidenceOf(facts: Facts, lengthLogOdds: number): Readonly<Record<Evidence, number>> {
  const { overtaken, waited, trickled, broken, refused, likeness, networkSlow, repeated } = facts
  const { checks, peersTroubled, peersReleased } = facts
  return {
    length: Math.max(-mostLogOdds, Math.min(mostLogOdds, lengthLogOdds)),
    overtaken: Number(overtaken),
    alike: overtaken ? likeness.alike : 0,
    acrossChecks: overtaken ? likeness.acrossChecks : 0,
    waiters: atMostTwo(waited),
    trickled: atMostTwo(1 + trickled),
    broken: atMostTwo(1 + broken),
    refused: atMostTwo(refused),
    checks: Number(checks > 1),
    networkSlow,
    repeated: Math.log2(1 + repeated),
    peersTroubled,
    peersReleased: Number(peersReleased),
    nobodyWaited: Number(waited === 0 && refused === 0),
  }
}

/** The log-odds of a recycle by its evidence. */
export const sumOf = (evidence: Readonly<Record<Evidence, number>>): number =>
  (Object.keys(weights) as Evidence[]).reduce((sum, name) => sum + weights[name] * evidence[name], 0)

/** 0 to 1. */
export const probabilityOf = (evidence: Readonly<Record<Evidence, number>>): number =>
  (evidence.refused > 0 ? 1 : surestByWaits) / (1 + Math.exp(-sumOf(evidence)))

/** Why it is taken for a recycle, for people: a part of a sentence. */
export function reasonsOf(facts: Facts): string {
  const { waitMs, overtaken, waited, broken, refused, networkSlow, peersQuick, peersTroubled } = facts
  const waitedFor = formatDuration(waitMs)
  if (overtaken)
    return `1 probe waited ${waitedFor}, as long as others before, while other workers of the node answered at once`
  const other = broken - refused
  const together = waited > 1 ? ' for the same moment,' : ''
  return [
    refused > 0 ? `it refused ${counted(refused, 'connection')}` : '',
    other > 0 ? `${counted(other, 'connection')} broke` : '',
    waited > 0 ? `${counted(waited, 'probe')} waited${together} ${waitedFor}` : 'then it answered again',
    networkSlow > 0 ? 'but the network was slow as well' : '',
    peersTroubled > 0.5 ? 'but most other nodes were in trouble as well' : '',
    peersQuick ? 'the other nodes were quick' : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
