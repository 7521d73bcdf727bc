import { describe, expect, test } from 'vitest'
import type { NodeOutageKind } from '../../../src/simulator/farm/blueprint.ts'
import { fixed } from '../../../src/simulator/farm/chance.ts'
import { askStill, at, stillScenario } from '../../support/farms/still_farm.ts'

const outage = (how: NodeOutageKind, restarts = false) =>
  askStill(
    stillScenario(
      {},
      {
        happenings: [
          { when: at(10_000), nodes: ['web01'], what: { kind: 'outage', how, forMs: fixed(4000), restarts } },
        ],
      },
    ),
  )

describe('a node that is out of order', () => {
  test.each([
    ['refused', 0.5],
    ['reset', 0.5],
    ['closed', 0.5],
    ['garbage', 0.5],
    ['unanswered', Number.POSITIVE_INFINITY],
    ['unreachable', Number.POSITIVE_INFINITY],
  ] as const)('fails as %s while it lasts and no longer', (how, afterMs) => {
    const farm = outage(how)
    expect(farm.served(9_900).page.status).toBe(200)
    expect(farm.failed(10_000)).toMatchObject({ how, afterMs })
    expect(farm.failed(13_999).how).toBe(how)
    expect(farm.served(14_000).page.status).toBe(200)
    expect(farm.happened('outage')).toMatchObject([{ atMs: 10_000, target: 'web01', how }])
  })

  test('may answer 500', () => {
    expect(outage('status_500').served(11_000).page).toMatchObject({ status: 500 })
  })

  test('has the same worker after it, when only the network was away', () => {
    const farm = outage('refused')
    const before = farm.served(9_000).token
    expect(farm.served(15_000).token).toBe(before)
  })

  test('has a new and cold worker after a reboot', () => {
    const farm = outage('refused', true)
    const before = farm.served(9_000).token
    expect(farm.firstByteMs(15_000)).toBe(6620)
    expect(farm.served(22_000).token).not.toBe(before)
    expect(farm.happened('recycle')).toMatchObject([{ atMs: 15_000, cause: 'crash' }])
  })

  test('cuts the requests off that run when it goes down', () => {
    expect(outage('refused', true).failed(9_985)).toMatchObject({ how: 'reset', afterMs: 15 })
    expect(outage('refused').served(9_985).page.status).toBe(200)
  })
})
