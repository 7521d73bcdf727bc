import { expect, it } from 'vitest'
import { belowFloors, type Floors } from './corpus_floors.ts'

const busy: Floors = {
  'stalls: recall': 0.9,
  'stalls: precision': 0.99,
  'stalls: end within 300 ms': 0.97,
  'recycles with identity: recall': 0.98,
  'recycles with identity: precision': 0.99,
  'recycles without identity: recall': 0.69,
  'recycles without identity: precision': 0.9,
  'recycles that did not happen, where no node is to blame': 31,
  'first requests: within 5 % or 100 ms of the log': 0.99,
  'first requests reported although a user was first': 0,
  'balancer errors: node right of named': 0.99,
  'balancer errors: node unknown': 0.06,
  'balancer errors: cause right of named': 0.98,
}

const quiet: Floors = {
  'stalls: recall': 0.93,
  'stalls: precision': 1,
  'stalls: end within 300 ms': 0.92,
  'recycles with identity: recall': 1,
  'recycles with identity: precision': 0.99,
  'recycles without identity: recall': 0.76,
  'recycles without identity: precision': 0.96,
  'recycles that did not happen, where no node is to blame': 13,
  'first requests: within 5 % or 100 ms of the log': 0.99,
  'first requests reported although a user was first': 1,
  'balancer errors: node right of named': 0.99,
  'balancer errors: node unknown': 0.04,
  'balancer errors: cause right of named': 0.97,
}

it.for([
  ['busy', busy],
  ['quiet', quiet],
] as const)(
  'the farms recorded on a %s machine are concluded as well as before',
  async ([machine, floors]) => {
    expect(await belowFloors(machine, floors)).toEqual([])
  },
)
