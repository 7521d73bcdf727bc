import { describe, expect, test } from 'vitest'
import { createLive } from '../../../src/web/live/live.ts'
import { sampleOutcome } from '../../support/farms/sample_farm.ts'
import { createSimulatedClock } from '../../support/simulated_clock.ts'

interface Message {
  readonly event: string
  readonly id: string
  readonly data: { probes: { target: string }[]; events: object[]; marks: object[]; farmsChanged: boolean }
}

/** A broadcast, and pages that can be opened on it. */
function setUp() {
  const clock = createSimulatedClock()
  const live = createLive(clock)
  const open = (lastId?: string, takes: () => boolean = () => true) => {
    const texts: string[] = []
    const send = (text: string) => takes() && texts.push(text) > 0
    const leave = live.broadcast.join({ send }, lastId)
    return { texts, leave, messages: () => texts.filter((text) => text.startsWith('event')).map(parse) }
  }
  const probe = (target: string) => live.observe(sampleOutcome({ target, startedMs: clock.wallMs() }))
  return { clock, live, open, probe }
}

function parse(text: string): Message {
  const [, event = '', id = '', data = ''] = /^event: (.*)\nid: (.*)\ndata: (.*)\n\n$/.exec(text) ?? []
  return { event, id, data: JSON.parse(data) as Message['data'] }
}

const targetsOf = (messages: readonly Message[]) =>
  messages.flatMap(({ data }) => data.probes?.map(({ target }) => target) ?? [])

describe('a page that is open', () => {
  test('is told to read the state, and then in batches what happens, at most four a second', async () => {
    const { clock, open, probe } = setUp()
    const page = open()
    expect(page.messages().map(({ event }) => event)).toEqual(['start'])
    for (let index = 0; index < 40; index++) {
      probe(`web${index}`)
      await clock.advance(50)
    }
    await clock.advance(250)
    const batches = page.messages().slice(1)
    expect(targetsOf(batches)).toHaveLength(40)
    expect(batches.length).toBeLessThanOrEqual(8)
    expect(new Set(batches.map(({ id }) => id)).size).toBe(batches.length)
  })

  test('gets events, marks and changes of farms with the probes', async () => {
    const { clock, live, open } = setUp()
    const page = open()
    live.record({ kind: 'maintenance', atMs: clock.wallMs(), farm: 'f', maintenance: true, active: true })
    live.marked({ atMs: clock.wallMs(), text: 'rebooted' })
    live.setFarms([])
    await clock.advance(250)
    expect(page.messages()[1]?.data).toMatchObject({
      events: [{ sentence: 'maintenance begins' }],
      marks: [{ text: 'rebooted' }],
      farmsChanged: true,
    })
  })

  test('hears a heartbeat while nothing happens', async () => {
    const { clock, open } = setUp()
    const page = open()
    await clock.advance(5000)
    expect(page.texts.at(-1)).toBe('event: beat\ndata: {}\n\n')
  })

  test('that takes nothing more is forgotten', async () => {
    const { clock, live, open, probe } = setUp()
    let isTaking = true
    open(undefined, () => isTaking)
    isTaking = false
    probe('web01')
    await clock.advance(250)
    expect(live.broadcast.count()).toBe(0)
  })
})

describe('a page that comes back', () => {
  test('goes on after the last batch it has seen', async () => {
    const { clock, open, probe } = setUp()
    const page = open()
    probe('web01')
    await clock.advance(250)
    const lastId = page.messages().at(-1)?.id
    page.leave()
    probe('web02')
    await clock.advance(250)
    const again = open(lastId)
    probe('web03')
    await clock.advance(250)
    expect(again.messages().map(({ event }) => event)).toEqual(['batch', 'batch'])
    expect(targetsOf(again.messages())).toEqual(['web02', 'web03'])
  })

  test.each(['', 'another-7', '7'])('with the unknown id %j begins anew', (lastId) => {
    expect(
      setUp()
        .open(lastId)
        .messages()
        .map(({ event }) => event),
    ).toEqual(['start'])
  })

  test('after minutes begins anew, though nothing was gathered meanwhile', async () => {
    const { clock, open, probe } = setUp()
    const page = open()
    const lastId = page.messages()[0]?.id
    page.leave()
    await clock.advance(61_000)
    probe('web01')
    await clock.advance(250)
    expect(
      open(lastId)
        .messages()
        .map(({ event }) => event),
    ).toEqual(['start'])
  })
})

describe('a burst of everything', () => {
  test('leaves out good probes first, and never grows without bounds', async () => {
    const { clock, live, open, probe } = setUp()
    const page = open()
    for (let index = 0; index < 1000; index++) probe('good')
    for (let index = 0; index < 1000; index++)
      live.observe(sampleOutcome({ target: 'bad', reason: 'refused', startedMs: clock.wallMs() }))
    await clock.advance(250)
    const targets = targetsOf(page.messages())
    expect(targets.filter((target) => target === 'good')).toHaveLength(300)
    expect(targets.filter((target) => target === 'bad')).toHaveLength(300)
  })

  test('costs nothing while no page is open', async () => {
    const { clock, probe } = setUp()
    probe('web01')
    expect(clock.pending()).toBe(0)
  })

  test('ends its timers with the web server', () => {
    const { clock, live, open, probe } = setUp()
    open()
    probe('web01')
    live.broadcast.close()
    expect(clock.pending()).toBe(0)
  })
})
