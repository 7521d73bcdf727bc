/** Words of people on the timeline. */
import type { Context } from 'hono'
import { z } from 'zod'
import type { Mark } from '../../model/past.ts'
import { markView } from '../live/described_event.ts'
import type { Ports } from '../web_ports.ts'
import { notEnabled } from './not_enabled.ts'
import { aboutOf, farmNamed, known, spanOf } from './query_parameters.ts'
import { Refusal } from './refusal.ts'
import { parseSince } from './since.ts'

/** Longer ones are a text, and belong into a ticket. */
const longestText = 500

export const markRequest = z.strictObject({
  text: z.string().trim().min(1).max(longestText),
  farm: z.string().optional(),
  target: z.string().optional(),
  at: z.string().optional(),
})

const wanted = `send {"text": "<1 to ${longestText} characters>", "farm": "<name>", "target": "<node>", "at": "<time>"} as application/json; only the text is needed`

/** `GET /api/v1/marks?since=&until=&farm=`: as our own, or with `format=grafana` as Grafana's annotations. */
export function marksApi(c: Context, ports: Ports, nowMs: number): Response {
  const history = ports.history()
  const about = aboutOf(c)
  const span = known(spanOf(c, nowMs, 0), history)
  const marks = history.marks(span, about)
  const { format } = c.req.query()
  if (format === 'grafana') return c.json(marks.map(annotation))
  if (format !== undefined)
    throw new Refusal(400, `format=${JSON.stringify(format)} is none: give grafana, or leave it out`)
  return c.json({ ...span, marks: marks.map(markView) })
}

/** `POST /api/v1/marks`: writes a mark, now or at the time given. */
export async function addMarkApi(c: Context, ports: Ports, nowMs: number): Promise<Response> {
  if (ports.mark === undefined) throw new Refusal(403, notEnabled('Writing on the timeline'))
  if (!/^application\/json(;|$)/i.test(c.req.header('Content-Type') ?? ''))
    throw new Refusal(415, `the body is not JSON: ${wanted}`)
  const { data } = markRequest.safeParse(await c.req.json().catch(() => undefined))
  if (data === undefined) throw new Refusal(400, `the body is not as expected: ${wanted}`)
  const mark: Mark = { atMs: momentOf(data.at, nowMs), text: data.text, ...placeOf(data, ports) }
  ports.mark(mark)
  return c.json(markView(mark), 201)
}

function momentOf(at: string | undefined, nowMs: number): number {
  const atMs = at === undefined ? nowMs : parseSince(at, nowMs)
  if (atMs === undefined || atMs > nowMs)
    throw new Refusal(
      400,
      `at: ${JSON.stringify(at)} is no past time: give a time such as 2026-02-03T04:05:06Z, or how long ago, such as 15m`,
    )
  return atMs
}

function placeOf({ farm, target }: z.infer<typeof markRequest>, ports: Ports): Pick<Mark, 'farm' | 'target'> {
  if (farm === undefined) {
    if (target !== undefined) throw new Refusal(400, 'a target needs its farm: name it in "farm"')
    return {}
  }
  const { balancer, nodes } = farmNamed(ports, farm)
  if (target === undefined) return { farm }
  const names = [balancer, ...nodes].map(({ name }) => name)
  if (!names.includes(target))
    throw new Refusal(404, `farm ${JSON.stringify(farm)} has no target ${JSON.stringify(target)}`)
  return { farm, target }
}

/** What Grafana's annotation queries read from JSON: time in milliseconds, text and tags. */
const annotation = ({ atMs, text, farm, target }: Mark) => ({
  time: Math.floor(atMs),
  title: 'mark',
  text,
  tags: ['farmprobe', ...(farm === undefined ? [] : [farm]), ...(target === undefined ? [] : [target])],
})
