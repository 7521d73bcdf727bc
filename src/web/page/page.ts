/** Starts the page: reads the state of the farms, listens to the stream, and draws the place that the address names. */
import { h, render } from 'preact'
import { App, headOf } from './app.ts'
import { type Batch, get } from './state/api_client.ts'
import { isOpen, mergeIncidents } from './state/known_incidents.ts'
import { placeOf } from './state/links.ts'
import {
  applyBatch,
  applyBatchAgain,
  applyFarms,
  applyFeed,
  applyStrips,
  awaitsVerdict,
  createState,
  dropOldCells,
  minuteMs,
} from './state/page_state.ts'
import { after, everySecond, now, startClock, stopClock } from './state/server_clock.ts'
import { type Connection, connect, onBatch } from './state/stream_client.ts'
import { isUtc, toggleUtc } from './words/times.ts'

/** How often baselines are read again, which change slowly. */
const refreshMs = 30_000
/** How often, in seconds, the incidents are read again while one is open. */
const growsSeconds = 5
/** How far back repetitions of an incident are counted and shown. */
const incidentsSince = '30d'
const retryMs = 2000
/** How long to wait for a verdict: a tick is judged within a second. */
const judgedMs = 1500

const state = createState()
let connection: Connection = 'connecting'

const root = document.getElementById('page') as HTMLElement
const icon = document.querySelector('link[rel=icon]') as HTMLLinkElement

function draw(): void {
  const place = placeOf(location.hash)
  document.documentElement.dataset['connection'] = connection
  // Another key draws everything anew, what was remembered of times as well.
  const key = `${isUtc()} ${connection === 'lost'}`
  render(h(App, { key, state, place, connection, onZone: switchZone }), root)
  const head = headOf(state, place, connection)
  if (document.title !== head.title) document.title = head.title
  const href = `assets/style/icon_${head.icon}.svg`
  if (icon.getAttribute('href') !== href) icon.href = href
}

function switchZone(): void {
  toggleUtc()
  draw()
  document.getElementById('clock')?.focus()
}

let isDrawing = false

/** Draws at the next frame, once for all that changes until then. */
function drawSoon(): void {
  if (isDrawing) return
  isDrawing = true
  requestAnimationFrame(() => {
    isDrawing = false
    draw()
  })
}

/** For each reading under way, the batches that have come since it began. */
const readings = new Set<Batch[]>()

/** Applies the answers once they are here, then again the batches that came meanwhile: the answers may be older. */
async function read<T>(answers: Promise<T>, apply: (answers: T) => void): Promise<void> {
  const meanwhile: Batch[] = []
  readings.add(meanwhile)
  try {
    apply(await answers)
    for (const batch of meanwhile) applyBatchAgain(state, batch)
    drawSoon()
  } finally {
    readings.delete(meanwhile)
  }
}

/** Reads everything, until it succeeds. */
async function readAll(): Promise<void> {
  const answers = Promise.all([
    get('farms'),
    get('strips'),
    get('events', { since: '24h', limit: 200 }),
    get('marks', { since: '24h' }),
    get('incidents', { since: incidentsSince }),
  ])
  try {
    await read(answers, ([farms, strips, events, marks, { incidents }]) => {
      applyFarms(state, farms)
      applyStrips(state, strips)
      applyFeed(state, events, marks)
      state.incidents = mergeIncidents([], incidents)
      state.isRead = true
    })
  } catch {
    await new Promise<void>((resolve) => after(retryMs, resolve))
    await readAll()
  }
}

/** Reads the farms alone. A failure needs no message: the bar shows that the connection is lost. */
const readFarms = (): Promise<void> =>
  read(get('farms'), (farms) => applyFarms(state, farms)).catch(() => undefined)

/** Reads the incidents anew: one that is open grows without an event. */
const readIncidents = (): Promise<void> =>
  read(get('incidents', { since: incidentsSince }), ({ incidents }) => {
    state.incidents = mergeIncidents([], incidents)
  }).catch(() => undefined)

async function keepRefreshing(): Promise<void> {
  await Promise.all([readFarms(), readIncidents()])
  after(refreshMs, keepRefreshing)
}

let isVerdictAwaited = false

/** Reads the first verdict of a check as soon as it can be there. */
function awaitVerdict(): void {
  if (isVerdictAwaited) return
  isVerdictAwaited = true
  after(judgedMs, () => {
    isVerdictAwaited = false
    return readFarms()
  })
}

let [shownPath] = location.hash.split('?')

/** Draws the place that the address names now; another page begins at its top, for the keyboard as well. */
function showPlace(): void {
  draw()
  const [path] = location.hash.split('?')
  if (path === shownPath) return
  shownPath = path
  scrollTo(0, 0)
  document.getElementById('main')?.focus({ preventScroll: true })
}

let seconds = 0
let minute = Math.floor(now() / minuteMs)

everySecond(() => {
  const current = Math.floor(now() / minuteMs)
  if (current !== minute) dropOldCells(state)
  minute = current
  if (seconds++ % growsSeconds === 0 && connection === 'live' && state.incidents.some(isOpen))
    void readIncidents()
  drawSoon()
})
onBatch((batch) => {
  if (batch.farmsChanged) void readAll()
  applyBatch(state, batch)
  for (const meanwhile of readings) meanwhile.push(batch)
  if (awaitsVerdict(state, batch)) awaitVerdict()
  drawSoon()
})
addEventListener('hashchange', showPlace)
connect({
  onStart: readAll,
  onLive() {
    if (connection === 'live') return
    startClock()
    connection = 'live'
    drawSoon()
  },
  onLost(lastSignMs) {
    if (!state.isRead) return
    stopClock(lastSignMs)
    connection = 'lost'
    drawSoon()
  },
})
draw()
after(refreshMs, keepRefreshing)
