import { describe, expect, it } from 'vitest'
import { optionsOf } from '../../truth/options.ts'

describe('the options of npm run truth', () => {
  it('watch two farms of each kind unless told otherwise, and one in the short form', () => {
    expect(optionsOf([])).toMatchObject({ seed: 1, seeds: 2, short: false, live: false, shownAs: 'text' })
    expect(optionsOf(['--short'])).toMatchObject({ seeds: 1, short: true })
    expect(optionsOf(['--short', '--seeds', '5', '--seed', '7', '--json'])).toMatchObject({
      seed: 7,
      seeds: 5,
      shownAs: 'json',
    })
  })

  it('take scenarios by name', () => {
    expect(optionsOf(['--scenario', 'crashes', '--scenario', 'restarts']).only).toEqual([
      'crashes',
      'restarts',
    ])
  })

  it('say what is wrong, what came and what would be right', () => {
    expect(() => optionsOf(['--seed', 'x'])).toThrow('--seed takes a whole number from 1 on, not "x"')
    expect(() => optionsOf(['--scenario', 'no such'])).toThrow(
      /^There is no scenario "no such"; there are: warm and quiet, /,
    )
    expect(() => optionsOf(['--sceanrio', 'crashes'])).toThrow(/--sceanrio/)
  })
})
