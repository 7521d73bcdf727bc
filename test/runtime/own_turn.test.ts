import { expect, test } from 'vitest'
import { createOwnTurns } from '../../src/runtime/own_turn.ts'

test('pieces that all wait run in turns of their own, in order, with a turn for others between any two', async () => {
  const ownTurn = createOwnTurns()
  const ran: string[] = []
  let over = false
  const others = () => {
    ran.push('other')
    if (!over) setImmediate(others)
  }
  setImmediate(others)
  const piece = async (name: string) => {
    await ownTurn()
    ran.push(name)
  }
  await Promise.all(['a', 'b', 'c'].map(piece))
  over = true
  expect(ran.join(' ')).toMatch(/a (other )+b (other )+c/)
})
