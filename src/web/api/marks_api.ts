/** Words of people on the timeline. */
import type { Mark } from '../../model/past.ts'
import { printable } from '../../runtime/printable.ts'
import { longestMark } from '../body_limits.ts'
import { markView } from '../live/event_view.ts'
import type { Ports } from '../web_ports.ts'
import type { Body } from './bodies.ts'
import { farmNamed, targetNamed } from './named_targets.ts'
import { farm, format, parseMoment, since, target, until } from './parameters.ts'
import { Refusal } from './refusal.ts'
import { changeRoute, type Route, readRoute } from './route.ts'
import { remembered, spanOf } from './spans.ts'

export const marksApi: Route = readRoute({
  path: '/api/v1/marks',
  summary: `Notes on the timeline. For Grafana: add the Infinity data source, make an annotation query of type JSON with
the URL \`/api/v1/marks?format=grafana\`, and map \`time\`, \`title\`, \`text\` and \`tags\`; any data source that
reads annotations from a JSON list will do.`,
  parameters: { since, until, farm, target, format },
  schema: 'marks',
  async answer(given, { ports, nowMs }) {
    const history = ports.history()
    const span = await remembered(spanOf(given, nowMs, 0), history)
    const marks = await history.marks(span, given)
    return given.format === 'grafana' ? marks.map(annotation) : { ...span, marks: marks.map(markView) }
  },
})

/** What Grafana's annotation queries read from JSON: time in milliseconds, text and tags. */
const annotation = ({ atMs, text, farm, target }: Mark) => ({
  time: Math.floor(atMs),
  title: 'mark',
  text,
  tags: ['farmprobe', ...(farm === undefined ? [] : [farm]), ...(target === undefined ? [] : [target])],
})

export const addMarkApi: Route = changeRoute({
  path: '/api/v1/marks',
  summary: 'Writes a mark, now or at a time past.',
  port: 'mark',
  change: 'Writing on the timeline',
  body: 'mark',
  example: `send {"text": "<1 to ${longestMark} characters>", "farm": "<name>", "target": "<node>", "at": "<time>"} as application/json; only the text is needed`,
  status: 201,
  schema: 'mark',
  answer(body, write, { ports, nowMs }) {
    const mark: Mark = { atMs: momentOf(body.at, nowMs), text: printable(body.text), ...placeOf(body, ports) }
    write(mark)
    return markView(mark)
  },
})

function momentOf(at: string | undefined, nowMs: number): number {
  const atMs = at === undefined ? nowMs : parseMoment(at, nowMs)
  if (atMs !== undefined && atMs <= nowMs) return atMs
  const right = 'a time such as 2026-02-03T04:05:06Z, or how long ago, such as 15m'
  throw new Refusal(400, `at: ${JSON.stringify(at)} is not a past time: give ${right}`)
}

function placeOf({ farm, target }: Body<'mark'>, ports: Ports): Pick<Mark, 'farm' | 'target'> {
  if (farm === undefined) {
    if (target !== undefined) throw new Refusal(400, 'a target needs its farm: name it in "farm"')
    return {}
  }
  const found = farmNamed(ports, farm)
  return target === undefined ? { farm } : { farm, target: targetNamed(found, target).name }
}
