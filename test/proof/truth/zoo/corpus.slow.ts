import { expect, it } from 'vitest'
import { belowFloors } from './corpus_floors.ts'

it('all recorded farms are concluded as well as before', async () => {
  const floors = {
    'stalls: recall': 0.9,
    'stalls: precision': 0.99,
    'stalls: end within 300 ms': 0.97,
    'recycles with identity: recall': 0.98,
    'recycles with identity: precision': 0.99,
    'recycles without identity: recall': 0.7,
    'recycles without identity: precision': 0.91,
    'recycles that did not happen, where no node is to blame': 31,
    'first requests: within 5 % or 100 ms of the log': 0.99,
    'first requests reported although a user was first': 0,
    'balancer errors: node right of named': 0.99,
    'balancer errors: node unknown': 0.06,
    'balancer errors: cause right of named': 0.93,
  }
  expect(await belowFloors(floors)).toEqual([])
})
