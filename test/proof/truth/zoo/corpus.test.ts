import { expect, it } from 'vitest'
import { belowFloors } from './corpus_floors.ts'

it('some recorded farms are concluded as well as before', async () => {
  const floors = {
    'stalls: recall': 0.93,
    'stalls: precision': 0.98,
    'recycles with identity: recall': 0.98,
    'recycles with identity: precision': 0.98,
    'recycles without identity: precision': 0.95,
    'first requests: within 5 % or 100 ms of the log': 0.95,
  }
  expect(await belowFloors('busy', floors, ['tomcat', 'uwsgi'])).toEqual([])
}, 60_000)
