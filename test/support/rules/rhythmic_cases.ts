/** The cases that depend on how often farms are probed. */
import type { AlertCase } from './alert_cases.ts'
import type { Scene, Span } from './scene.ts'

/** Seconds between probes, and between scrapes. */
export interface Rhythm {
  readonly probe: number
  readonly scrape: number
}

interface Expected {
  readonly alert: string
  /** For how long the trouble lasts. */
  readonly lasts: number
  /** How long after it begins the alert fires at the latest. */
  readonly within: number
  readonly who: readonly ('balancer' | 'node')[]
  readonly labels: Readonly<Record<string, string>>
  readonly texts?: Readonly<Record<string, string>>
}

export function rhythmicCases(rhythm: Rhythm): readonly AlertCase[] {
  const start = Math.max(900, 3 * rhythm.probe)
  return [
    ...expectations(rhythm).flatMap((expected) => [
      firing(rhythm, start, expected),
      quiet(rhythm, start, expected),
    ]),
    ...around(rhythm, start),
    slowBurn(rhythm),
    { alert: 'FarmprobeErrorBudgetBurnSlow', ...oneFailure(rhythm, start, ['balancer']) },
  ]
}

/** The same troubles, with a restart of farmprobe and a lost scrape in the middle; what lasts 20 s begins after the restart. */
export function disturbedCases(rhythm: Rhythm): readonly AlertCase[] {
  const { probe, scrape } = rhythm
  const start = Math.max(900, 3 * probe)
  return expectations(rhythm).map(({ alert, within, who, ...expected }) => {
    const isShort = expected.lasts < 60
    // Over a lost scrape the share is that of twice the time.
    const lasts = isShort ? Math.max(expected.lasts, scrape / 2) : expected.lasts
    const middle = Math.round(start + within / 2)
    const lost = Math.ceil((isShort ? start + 1 : middle + scrape) / scrape) * scrape
    const fires = isShort ? start + within + scrape : Math.round(start + 1.5 * within + 2 * scrape + 60)
    return {
      alert,
      name: `${who.join(' and ')} fail for ${lasts} s, farmprobe restarts, a scrape is lost`,
      scene: {
        ...rhythm,
        until: fires,
        ...failing(who, [[start, start + lasts]]),
        restart: isShort ? start - 2 * scrape : middle,
        unanswered: [[lost, lost + 1]],
      },
      fires,
    }
  })
}

/** How long rules need that look at full minutes: a scrape, a minute, a recording, an evaluation. */
const minutesLag = ({ scrape }: Rhythm) => 2 * scrape + 150

function expectations(rhythm: Rhythm): Expected[] {
  const { probe, scrape } = rhythm
  const isQuick = probe <= 5
  const long = Math.max(900, 8 * probe)
  const twice = isQuick ? 60 + scrape + 60 : Math.max(probe, windowOfTwo(probe) - probe) + minutesLag(rhythm)
  return [
    {
      alert: 'FarmprobeGatewayErrorSpike',
      lasts: isQuick ? 20 : long,
      within: isQuick ? 20 + scrape + 15 : 2 * probe + minutesLag(rhythm),
      who: ['balancer'],
      labels: { farm: 'shop' },
    },
    {
      alert: 'FarmprobeFarmDown',
      lasts: long,
      within: twice,
      who: ['balancer', 'node'],
      labels: { farm: 'shop', check: 'home' },
    },
    {
      alert: 'FarmprobeBalancerFault',
      lasts: long,
      within: twice + 120,
      who: ['balancer'],
      labels: { farm: 'shop', check: 'home' },
    },
    {
      alert: 'FarmprobeErrorBudgetBurnFast',
      lasts: long,
      within: Math.max(60, 4 * probe) + 450 + scrape,
      who: ['balancer'],
      labels: { farm: 'shop' },
    },
    {
      alert: 'FarmprobeNodeFailing',
      lasts: Math.max(1200, long),
      within: probe <= 60 ? 750 : Math.max(probe, 900) + minutesLag(rhythm),
      who: ['node'],
      labels: { farm: 'shop', target: 'web02' },
    },
  ]
}

/** The shortest window of the rules that holds two probes. */
const windowOfTwo = (probe: number) =>
  [120, 300, 600, 1800, 7800].find((window) => window >= 2 * probe) ?? 7800

const failing = (who: Expected['who'], spans: readonly Span[]): Partial<Scene> => ({
  ...(who.includes('balancer') && { balancerFails: spans }),
  ...(who.includes('node') && { nodeFails: spans }),
})

function firing(
  rhythm: Rhythm,
  start: number,
  { alert, lasts, within, who, labels, texts }: Expected,
): AlertCase {
  const scene = { ...rhythm, until: start + within + 600, ...failing(who, [[start, start + lasts]]) }
  return {
    alert,
    name: `${who.join(' and ')} fail for ${lasts} s`,
    scene,
    fires: start + within,
    labels,
    ...(texts && { texts }),
  }
}

const quiet = (rhythm: Rhythm, start: number, { alert, who }: Expected): AlertCase => ({
  alert,
  ...oneFailure(rhythm, start, who),
})

/** One probe fails; then farmprobe restarts, and a scrape is lost. */
function oneFailure(rhythm: Rhythm, start: number, who: Expected['who']) {
  const { probe, scrape } = rhythm
  const restart = start + probe + 3 * scrape
  const lost = Math.ceil((start + 1) / scrape) * scrape
  return {
    name: `one probe of ${who.join(' and ')} fails, a scrape is lost, farmprobe restarts`,
    scene: {
      ...rhythm,
      until: start + Math.max(1800, 2 * probe),
      ...failing(who, [[start, start + probe]]),
      restart,
      unanswered: [[lost, lost + 1]] as const,
    },
  }
}

/** The same trouble around a maintenance, and until the farm is removed. */
const around = (rhythm: Rhythm, start: number): AlertCase[] =>
  expectations(rhythm)
    .filter(({ alert }) => maintained.has(alert))
    .flatMap(({ alert, within, who }) => {
      const { scrape } = rhythm
      const after = start + within + 300
      const until = after + 1800
      const scene = { ...rhythm, until, ...failing(who, [[start, until]]) }
      // Five minutes are left after a maintenance, so that nodes may start, and the next probe may be a whole interval away.
      const again = after + 900 + 300 + rhythm.probe + within + minutesLag(rhythm)
      return [
        {
          alert,
          name: 'it fires when maintenance begins',
          scene: { ...scene, maintenance: [[after, until + 1]] },
          fires: start + within,
          ends: after + scrape + 60,
        },
        {
          alert,
          name: 'the trouble goes on after maintenance',
          scene: {
            ...scene,
            until: again + 60,
            ...failing(who, [[start, again]]),
            maintenance: [[0, after + 900]],
          },
          fires: again,
        },
        {
          alert,
          name: 'the farm is removed while it fires',
          scene: { ...scene, configured: [0, after] },
          fires: start + within,
          ends: after + 360,
        },
      ]
    })

/** One each of what pages and of what makes a ticket; the others are muted by the same parts of their expressions. */
const maintained = new Set(['FarmprobeGatewayErrorSpike', 'FarmprobeFarmDown', 'FarmprobeNodeFailing'])

/** A probe fails every 20 minutes; of slow checks, every other one. */
function slowBurn(rhythm: Rhythm): AlertCase {
  const every = Math.max(1200, 2 * rhythm.probe)
  const fires = 8 * every + 2 * 3600
  const spans = Array.from(
    { length: Math.ceil(fires / every) },
    (_, index): Span => [(index + 1) * every, (index + 1) * every + Math.max(5, rhythm.probe)],
  )
  return {
    alert: 'FarmprobeErrorBudgetBurnSlow',
    name: 'a probe fails again and again',
    scene: { ...rhythm, until: fires + 600, balancerFails: spans },
    fires,
    labels: { farm: 'shop' },
  }
}
