import type { FarmEvent } from '../../model/event.ts'
import { slicesOf } from '../live/event_view.ts'
import { farmNamed } from './named_targets.ts'
import { farm, kind, limit, since, target, until } from './parameters.ts'
import { type Route, readRoute } from './route.ts'
import { remembered, spanOf } from './spans.ts'

const usualEvents = 1000

export const eventsApi: Route = readRoute({
  path: '/api/v1/events',
  summary: 'What happened, the oldest first.',
  parameters: { since, until, farm, target, kind, limit: limit(10_000) },
  schema: 'events',
  async answer(given, { ports, nowMs }) {
    const history = ports.history()
    const most = given.limit ?? usualEvents
    const span = await remembered(spanOf(given, nowMs, 0), history)
    const question = [span, given, given.kind, most] as const
    const { count, slices } = history.eventSlices
      ? await history.eventSlices(...question)
      : inSlices(await history.events(...question))
    // A farm that was removed still has events: only a farm without any must exist.
    if (given.farm !== undefined && count === 0) farmNamed(ports, given.farm)
    const others = { ...span, limited: count >= most, blind: await history.blind(span, given) }
    return answerOf(slices, others)
  },
})

const inSlices = (events: readonly FarmEvent[]) => ({ count: events.length, slices: slicesOf(events) })

async function* answerOf(slices: AsyncIterable<string>, others: object): AsyncGenerator<string> {
  let before = '{"events":['
  for await (const slice of slices) {
    yield before + slice
    before = ','
  }
  yield `${before === ',' ? '' : before}],${JSON.stringify(others).slice(1)}`
}
