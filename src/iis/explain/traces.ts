/** Failed request traces of the balancer (FREB): they name the node that a request was sent to. */
import { eachLine } from '../logs/log_lines.ts'
import { createXmlEvents } from '../logs/xml_events.ts'
import type { FailureIndex } from './node_log.ts'

/** Marks the failures that a trace is about with the node it names. A trace of a node says nothing of a balancer. */
export async function readTrace(
  log: AsyncIterable<Uint8Array>,
  file: string,
  index: FailureIndex,
  nameOf: (server: string) => string,
): Promise<void> {
  let [url, server, code, line, lastMs] = ['', '', '', 0, 0]
  const xml = createXmlEvents(
    (event) => {
      lastMs = Math.max(lastMs, event.atMs || 0)
      if (event.opcode === 'ARR_SERVER_ROUTED') [server, line] = [event.data['Server'] ?? '', event.line]
    },
    (trace) => {
      url = trace['url'] ?? ''
      code = trace['statusCode'] ?? ''
    },
  )
  await eachLine(log, (block, from, to) => xml.line(block, from, to))
  xml.end()
  if (server === '' || !URL.canParse(url)) return
  const { pathname, search } = new URL(url)
  const seen = {
    node: nameOf(server),
    where: { file, line },
    by: 'trace',
    startMs: lastMs,
    endMs: lastMs,
    code,
  } as const
  for (const failure of index.endedAt(lastMs, pathname, search.slice(1))) failure.seen.unshift(seen)
}
