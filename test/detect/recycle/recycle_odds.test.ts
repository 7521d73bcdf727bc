import { describe, expect, test } from 'vitest'
import { type Facts, probabilityOf, reasonsOf } from '../../../src/detect/recycle/recycle_odds.ts'

/** A silence of 4 s that four probes waited for while the other nodes were quick. */
const facts = (changes: Partial<Facts> = {}): Facts => ({
  lengthMs: 4000,
  logOdds: 2,
  waited: 4,
  broken: 0,
  refused: 0,
  checks: 1,
  peersReleased: false,
  peersQuick: true,
  networkSlow: 0,
  repeated: 0,
  ...changes,
})

describe('how likely it was a recycle', () => {
  const likely = probabilityOf(facts())

  test('is high where probes waited together', () => expect(likely).toBeGreaterThan(0.9))

  test.each<[string, Partial<Facts>]>([
    ['connections broke', { broken: 2 }],
    ['several checks met it', { checks: 2 }],
  ])('is higher when %s', (_, changes) => expect(probabilityOf(facts(changes))).toBeGreaterThan(likely))

  test.each<[string, Partial<Facts>]>([
    ['every other node was released in the same moment', { peersReleased: true }],
    ['nobody waited for the end of an outage', { waited: 0, refused: 100, broken: 100, logOdds: 12 }],
  ])('is next to nothing when %s', (_, changes) => expect(probabilityOf(facts(changes))).toBeLessThan(0.01))
})

test('the reasons say what was seen, and nothing else', () => {
  expect(reasonsOf(facts())).toBe('4 probes waited for the same moment, 4s, the other nodes were quick')
  expect(reasonsOf(facts({ peersQuick: false, refused: 1, broken: 3, waited: 1 }))).toBe(
    'it refused 1 connection, 2 connections broke, 1 probe waited for the same moment, 4s',
  )
  expect(reasonsOf(facts({ networkSlow: 0.5, peersQuick: false }))).toBe(
    '4 probes waited for the same moment, 4s, but the network was slow as well',
  )
})
