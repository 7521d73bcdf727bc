import { hashSync } from 'bcryptjs'
import { afterEach, describe, expect, test } from 'vitest'
import { createPasswords, type Passwords } from '../../../src/web/guard/passwords.ts'

const users = new Map([
  ['alice', hashSync('correct horse', 4)],
  ['bob', hashSync('battery', 4).replace('$2b$', '$2y$')],
])
const open: Passwords[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((passwords) => passwords.close()))
})

function start(): Passwords {
  const passwords = createPasswords()
  open.push(passwords)
  return passwords
}

test.each([
  ['alice', 'correct horse', 'right'],
  ['bob', 'battery', 'right'],
  ['alice', 'battery', 'wrong'],
  ['alice', '', 'wrong'],
  ['carol', 'correct horse', 'wrong'],
  ['carol', 'battery', 'wrong'],
  ['__proto__', 'battery', 'wrong'],
])('%s with the password "%s" is %s, at first and when it is remembered', async (name, password, verdict) => {
  const passwords = start()
  expect(await passwords.check(users, name, password)).toBe(verdict)
  expect(await passwords.check(users, name, password)).toBe(verdict)
})

test('with no users at all nobody is right', async () => {
  expect(await start().check(new Map(), 'alice', 'correct horse')).toBe('wrong')
})

test('what was compared once is known at once, while others wait', async () => {
  const passwords = start()
  await passwords.check(users, 'alice', 'correct horse')
  const order: string[] = []
  const slow = passwords.check(users, 'carol', 'guess').then(() => order.push('unknown user'))
  const quick = passwords.check(users, 'alice', 'correct horse').then(() => order.push('known password'))
  await Promise.all([slow, quick])
  expect(order).toEqual(['known password', 'unknown user'])
})

test('a password of yesterday is not right today', async () => {
  const passwords = start()
  await passwords.check(users, 'alice', 'correct horse')
  const renewed = new Map([['alice', hashSync('new', 4)]])
  expect(await passwords.check(renewed, 'alice', 'correct horse')).toBe('wrong')
  expect(await passwords.check(renewed, 'alice', 'new')).toBe('right')
})

test('guesses beyond the sixteenth are not even compared; a known password is right meanwhile', async () => {
  const passwords = start()
  await passwords.check(users, 'alice', 'correct horse')
  const guesses = Array.from({ length: 20 }, (_, i) => passwords.check(users, 'alice', `guess ${i}`))
  expect(await passwords.check(users, 'alice', 'correct horse')).toBe('right')
  const verdicts = await Promise.all(guesses)
  expect(verdicts.map((verdict) => (verdict === 'busy' ? 1 : 0)).reduce<number>((a, b) => a + b, 0)).toBe(4)
})

describe('the thread', () => {
  test('that ends takes its questions along, and the next has another', async () => {
    const passwords = start()
    const asked = passwords.check(users, 'alice', 'correct horse')
    await passwords.close()
    await expect(asked).rejects.toThrow("the thread 'passwords' ended")
    expect(await passwords.check(users, 'alice', 'correct horse')).toBe('right')
  })

  test('leaves the event loop to others for as long as it takes', async () => {
    const passwords = start()
    const hard = new Map([['alice', hashSync('x', 10)]])
    let turns = 0
    const turn = () => {
      turns += 1
      pending = setImmediate(turn)
    }
    let pending = setImmediate(turn)
    await passwords.check(hard, 'alice', 'y')
    clearImmediate(pending)
    expect(turns).toBeGreaterThan(100)
  })
})
