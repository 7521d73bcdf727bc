import { expect, test } from 'vitest'
import { byCode, expectJoined, reasonsOf, throughTrouble } from '../support/processes/farm_in_trouble.ts'
import { startHaproxy } from '../support/processes/real_balancer.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'

/** A busy machine has to get through ten troubles. */
const timeout = 60_000

suiteWith('haproxy')('behind HAProxy', () => {
  test("every answer is counted as HAProxy's own log has it, request by request", { timeout }, async () => {
    await throughTrouble(startHaproxy, { retry: false, interval: '500ms' }, (passed) => {
      expectJoined(passed)
      expect(Object.keys(byCode(passed.log)).sort()).toEqual(['2xx', '502', '503', '504'])
      expect(reasonsOf(passed, 'a')).toContain('refused')
      expect(reasonsOf(passed, 'b')).toContain('first_byte_timeout')
      expect(reasonsOf(passed, 'c')).toContain('reset')
      expect(reasonsOf(passed, 'c')).toContain('closed')
    })
  })
})
