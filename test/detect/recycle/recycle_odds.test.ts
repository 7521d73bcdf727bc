import { describe, expect, test } from 'vitest'
import { evidenceOf, type Facts, probabilityOf, reasonsOf } from '../../../src/detect/recycle/recycle_odds.ts'

/** A silence of 4 s that four probes waited for while the other nodes were quick. */
const facts = (changes: Partial<Facts> = {}): Facts => ({
  waitMs: 4000,
  waited: 4,
  trickled: 0,
  broken: 0,
  refused: 0,
  overtaken: false,
  checks: 1,
  likeness: { alike: 0, acrossChecks: 0 },
  peersTroubled: 0,
  peersReleased: false,
  peersQuick: true,
  networkSlow: 0,
  repeated: 0,
  ...changes,
})

describe('how likely it was a recycle', () => {
  const likely = probabilityOf(evidenceOf(facts(), 2))

  test('is high where probes waited together', () => expect(likely).toBeGreaterThan(0.85))

  test.each<[string, Partial<Facts>]>([
    ['connections broke', { broken: 2 }],
    ['several checks met it', { checks: 2 }],
    [
      'several waits of other checks were as long',
      { overtaken: true, waited: 1, likeness: { alike: 6, acrossChecks: 1 } },
    ],
  ])('is higher when %s', (_, changes) =>
    expect(probabilityOf(evidenceOf(facts(changes), 2))).toBeGreaterThan(likely),
  )

  test.each<[string, Partial<Facts>]>([
    ['every other node was released in the same moment', { peersReleased: true }],
    ['connections broke and nobody waited', { waited: 0, broken: 2 }],
  ])('is next to nothing when %s', (_, changes) =>
    expect(probabilityOf(evidenceOf(facts(changes), 2))).toBeLessThan(0.01),
  )

  test('is high where nobody listened any more, though the next answer was quick', () =>
    expect(probabilityOf(evidenceOf(facts({ waited: 0, refused: 4, broken: 4 }), 0))).toBeGreaterThan(0.9))

  test.each<[string, Partial<Facts>]>([
    ['the other nodes were in trouble as well', { peersTroubled: 1 }],
    ['some were answered meanwhile, though slowly', { trickled: 2 }],
  ])('is lower when %s', (_, changes) =>
    expect(probabilityOf(evidenceOf(facts(changes), 2))).toBeLessThan(likely - 0.05),
  )
})

test('the reasons say what was seen, and nothing else', () => {
  expect(reasonsOf(facts())).toBe('4 probes waited for the same moment, 4s, the other nodes were quick')
  expect(reasonsOf(facts({ peersQuick: false, refused: 1, broken: 3, waited: 1 }))).toBe(
    'it refused 1 connection, 2 connections broke, 1 probe waited 4s',
  )
  expect(reasonsOf(facts({ peersTroubled: 1, peersQuick: false }))).toBe(
    '4 probes waited for the same moment, 4s, but most other nodes were in trouble as well',
  )
  expect(reasonsOf(facts({ networkSlow: 0.5, peersQuick: false }))).toBe(
    '4 probes waited for the same moment, 4s, but the network was slow as well',
  )
})
