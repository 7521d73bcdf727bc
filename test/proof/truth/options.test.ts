import { describe, expect, it } from 'vitest'
import { optionsOf } from '../../../proof/truth/options.ts'

describe('the options of npm run truth', () => {
  it('watch two farms of each kind unless reported otherwise, and one in the short form', () => {
    expect(optionsOf([])).toMatchObject({ seed: 1, seeds: 2, short: false, shownAs: 'text' })
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

  it('add simulated farms on sockets with --live', () => {
    expect(optionsOf([]).live).toBe(false)
    expect(optionsOf(['--live']).live).toBe(true)
  })

  it('run all kinds of the zoo or the named ones, and record them', () => {
    expect(optionsOf(['--zoo'])).toMatchObject({ zoo: { names: [], list: false }, forMs: 180_000 })
    expect(optionsOf(['--zoo', 'puma', 'tomcat', '--for', '40s', '--record', 'some/folder'])).toMatchObject({
      zoo: { names: ['puma', 'tomcat'], recordIn: 'some/folder' },
      forMs: 40_000,
    })
    expect(optionsOf(['--zoo', '--list']).zoo?.list).toBe(true)
    expect(optionsOf([]).zoo).toBe(undefined)
  })

  it('replay recordings of the default or another folder, all kinds or some', () => {
    expect(optionsOf(['--recorded']).recorded).toMatchObject({
      folder: expect.stringMatching(/proof\/truth\/recorded$/) as string,
      names: [],
    })
    expect(optionsOf(['--recorded', './elsewhere', 'puma']).recorded).toEqual({
      folder: './elsewhere',
      names: ['puma'],
    })
  })

  it('fit weights, of nothing else at the same time', () => {
    expect(optionsOf(['--fit']).fit).toBe(true)
    expect(() => optionsOf(['--fit', '--recorded'])).toThrow('--fit do not go together')
  })

  it('say what is wrong, what came and what would be right', () => {
    expect(() => optionsOf(['--seed', 'x'])).toThrow('--seed takes a whole number from 1 on, not "x"')
    expect(() => optionsOf(['--scenario', 'no such'])).toThrow(
      /^There is no scenario "no such"; there are: warm and quiet, /,
    )
    expect(() => optionsOf(['aspnet'])).toThrow('"aspnet" is not understood without --zoo or --recorded')
    expect(() => optionsOf(['--for', '1h'])).toThrow('--for, --record and --list go with --zoo only')
    expect(() => optionsOf(['--record', 'there'])).toThrow('--for, --record and --list go with --zoo only')
    expect(() => optionsOf(['--zoo', '--recorded'])).toThrow(
      '--live, --zoo, --recorded and --fit do not go together',
    )
    expect(() => optionsOf(['--recorded', 'a/b', 'c/d'])).toThrow(
      '--recorded takes one folder, not a/b and c/d',
    )
    expect(() => optionsOf(['--zoo', '--for', 'long'])).toThrow(
      '--for takes a duration from 30s to 24h, such as 10m, not "long"',
    )
    expect(() => optionsOf(['--sceanrio', 'crashes'])).toThrow(/--sceanrio/)
  })
})
