import { describe, expect, it } from 'vitest'
import { families } from '../../../proof/faults/families/all.ts'
import { optionsOf } from '../../../proof/faults/options.ts'

const namesOf = (...args: string[]) => optionsOf(args, families).faults.map(({ name }) => name)

describe('the options of npm run faults', () => {
  it('choose all faults, and leave the long ones out of the short form', () => {
    const all = Object.values(families)
      .flat()
      .map(({ name }) => name)
    expect(namesOf()).toEqual(all)
    const left = new Set(namesOf('--short'))
    expect(all.filter((name) => !left.has(name))).toEqual(['prober-hangs', 'churning-identity'])
  })

  it('take one fault or a family by name, the long ones too', () => {
    expect(namesOf('--short', '--fault', 'prober-hangs', '--fault', 'refused')).toEqual([
      'prober-hangs',
      'refused',
    ])
    expect(namesOf('--fault', 'clock')).toEqual(['clock-forward', 'clock-back', 'clock-to-and-fro'])
  })

  it('say what is wrong, what came and what would be right', () => {
    expect(() => namesOf('--fault', 'tls-exp')).toThrow(
      /^There is no fault "tls-exp"; there are: targets, bodies, tls, .*, tls-expired, /,
    )
    expect(() => namesOf('--parallel', '0')).toThrow('--parallel takes a whole number from 1 to 99, not "0"')
  })
})

it('no two faults have one name', () => {
  const names = namesOf()
  expect(names).toEqual([...new Set(names)])
})
