import { expect, test } from 'vitest'
import { byCode, expectJoined, reasonsOf, throughTrouble } from '../support/processes/farm_in_trouble.ts'
import { startNginx } from '../support/processes/real_balancer.ts'
import { suiteWith } from '../support/processes/real_binaries.ts'

/** A busy machine has to get through ten troubles. */
const timeout = 60_000

suiteWith('nginx')('behind nginx', () => {
  test.concurrent("every answer is counted as nginx's own log has it, request by request", {
    timeout,
  }, async () => {
    await throughTrouble(startNginx, { retry: false, interval: '500ms' }, (passed) => {
      expectJoined(passed)
      expect(Object.keys(byCode(passed.log)).sort()).toEqual(['2xx', '502', '503', '504'])
      expect(reasonsOf(passed, 'a')).toContain('refused')
      expect(reasonsOf(passed, 'a')).toContain('status')
      expect(reasonsOf(passed, 'b')).toContain('first_byte_timeout')
      expect(reasonsOf(passed, 'c')).toContain('reset')
      expect(reasonsOf(passed, 'c')).toContain('closed')
    })
  })

  test.concurrent('the same holds where nginx asks the next node, and hides most of it', {
    timeout,
  }, async () => {
    await throughTrouble(startNginx, { retry: true, interval: '200ms' }, (passed) => {
      expectJoined(passed)
      expect(Object.keys(byCode(passed.log)).sort()).toContain('502')
      expect(reasonsOf(passed, 'a')).toContain('refused')
    })
  })
})
