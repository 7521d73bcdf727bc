/** Starts the page: reads how things stand, listens to what happens, and shows the place that the address names. */
import { ask, wordsOf } from './api.js'
import { after, everySecond, now } from './clock.js'
import { fill, h, set, write } from './dom.js'
import { clockTime, zone } from './format.js'
import { showOverview } from './overview.js'
import { placeOf } from './router.js'
import {
  awaitsVerdict,
  createState,
  forgetOldCells,
  takeAgain,
  takeBatch,
  takeFarms,
  takeStory,
  takeStrips,
  worstCheck,
} from './state.js'
import { listen } from './stream.js'
import { verdictTone, verdictWords } from './words.js'

/** Baselines change slowly; they are read anew this often. */
const refreshMs = 30_000
/** A failed reading is tried again after so long. */
const againMs = 2000
/** A tick is judged within a second. */
const judgedMs = 1500

const state = createState()
const main = document.getElementById('main')
/**
 * What is shown: told of what changed, of each second, and, where it cares, of each minute, of news and of its own end.
 * @typedef {{ draw(changed: Set<string>): void, tick(): void, minute?(): void, news?(batch: object): void, leave?(): void }} View
 */
/** @type {View} */
const nothing = { draw: () => undefined, tick: () => undefined }
let view = nothing
let isRead = false
let isFrameAsked = false

/** For each reading under way, the batches that have come since it was asked for. */
const readings = new Set()

/** Asks, and takes over the answers, which may be older than what the stream has told meanwhile. */
async function readInto(questions, take) {
  const meanwhile = []
  readings.add(meanwhile)
  try {
    const answers = await Promise.all(questions)
    take(...answers)
    for (const batch of meanwhile) takeAgain(state, batch)
    return answers
  } finally {
    readings.delete(meanwhile)
  }
}

async function read() {
  const questions = [
    ask('/api/v1/farms'),
    ask('/api/v1/strips'),
    ask('/api/v1/events', { since: '24h', limit: 200 }),
    ask('/api/v1/marks', { since: '24h' }),
  ]
  const [farms] = await readInto(questions, (farms, strips, events, marks) => {
    takeFarms(state, farms)
    takeStrips(state, strips)
    takeStory(state, events.events, marks.marks, events.blind)
  })
  tick()
  const which =
    farms.shard === null ? '' : `, shard ${farms.shard.index}/${farms.shard.count}: other farms are elsewhere`
  write(document.getElementById('version'), `farmprobe ${state.version}${which}`)
  if (!isRead) {
    isRead = true
    await show()
  } else soon()
}

async function readAgain() {
  try {
    await read()
  } catch {
    after(againMs, readAgain)
  }
}

async function refresh() {
  try {
    await readInto([ask('/api/v1/farms')], (farms) => takeFarms(state, farms))
    soon()
  } catch {
    // The connection's own display says that the server cannot be reached.
  }
}

async function keepRefreshing() {
  await refresh()
  after(refreshMs, keepRefreshing)
}

let isVerdictAwaited = false

/** Reads the first verdict of a check once it can be there. */
function awaitVerdict() {
  if (isVerdictAwaited) return
  isVerdictAwaited = true
  after(judgedMs, async () => {
    isVerdictAwaited = false
    await refresh()
  })
}

/** Draws what has changed, at the next frame. */
function soon() {
  if (isFrameAsked || !isRead) return
  isFrameAsked = true
  requestAnimationFrame(() => {
    isFrameAsked = false
    const changed = state.changed
    state.changed = new Set()
    view.draw(changed)
    showVerdictOfAll()
  })
}

let announced = ''

/** The icon and the title tell how things stand while another page is looked at; a screen reader is told of changes. */
function showVerdictOfAll() {
  const bad = state.farms.filter((farm) => verdictTone[worstCheck(farm)?.verdict] === 'bad')
  const masked = state.farms.filter((farm) => worstCheck(farm)?.verdict === 'masked')
  const isJudged = state.farms.some((farm) => worstCheck(farm) !== undefined)
  const icon = bad.length > 0 ? 'bad' : isJudged ? 'ok' : 'unknown'
  set(document.querySelector('link[rel=icon]'), 'href', `/assets/icon_${icon}.svg`)
  const prefix = bad.length > 0 ? `✕ ${bad.map(({ name }) => name).join(', ')} – ` : ''
  const title = `${prefix}${document.title.replace(/^✕ .* – /, '')}`
  if (document.title !== title) document.title = title
  const words =
    [...bad, ...masked].map((farm) => `${farm.name}: ${verdictWords[worstCheck(farm).verdict]}`).join('. ') ||
    'All is well'
  if (words !== announced) write(document.getElementById('announcer'), words)
  announced = words
}

let shownPath

async function show() {
  const place = placeOf(location.hash)
  const path = location.hash.split('?')[0]
  view.leave?.()
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll('.bar nav a')
  for (const link of links)
    set(
      link,
      'aria-current',
      (place.view === 'events') === link.hash.startsWith('#/events') && place.view !== 'target'
        ? 'page'
        : 'false',
    )
  view = await viewOf(place)
  showVerdictOfAll()
  if (shownPath !== undefined && shownPath !== path) {
    scrollTo(0, 0)
    main.focus({ preventScroll: true })
  }
  shownPath = path
}

/** @returns {Promise<View>} */
async function viewOf(place) {
  try {
    if (place.view === 'target') return (await import('./target_page.js')).showTarget(main, state, place)
    if (place.view === 'events') return (await import('./events_page.js')).showEvents(main, state, place)
    return showOverview(main, state)
  } catch (error) {
    fill(main, h('p', { class: 'loading' }, `This cannot be shown: ${wordsOf(error)}`))
    return nothing
  }
}

const connectionWords = { live: 'live', lost: 'connection lost, trying again' }

function showConnection(name) {
  const element = document.getElementById('connection')
  set(element, 'data-state', name)
  write(element.querySelector('.word'), connectionWords[name])
}

const clock = document.getElementById('clock')
let minuteShown

function tick() {
  const nowMs = now()
  write(clock, `${clockTime(nowMs)} ${zone(nowMs)}`)
  const minute = Math.floor(nowMs / 60_000)
  view.tick()
  if (minuteShown !== undefined && minute !== minuteShown) {
    forgetOldCells(state)
    view.minute?.()
  }
  minuteShown = minute
}

addEventListener('hashchange', () => isRead && void show())
tick()
everySecond(tick)
listen({
  onStart: () => void readAgain(),
  onBatch(batch) {
    if (batch.farmsChanged) void readAgain()
    takeBatch(state, batch)
    for (const meanwhile of readings) meanwhile.push(batch)
    view.news?.(batch)
    if (awaitsVerdict(state, batch)) awaitVerdict()
    soon()
  },
  onState: showConnection,
})
after(refreshMs, keepRefreshing)
