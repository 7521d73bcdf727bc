/** A log of ARR as large as asked for, a block at a time: one request in 4,000 fails, one in a thousand waits. */
import type { Random } from '../../src/runtime/random.ts'

const fields =
  '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n'
const agent = 'Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36'
/** Requests a second: 5 GB are a fortnight. */
const perSecond = 15

export async function* largeLog(bytes: number, random: Random): AsyncGenerator<Buffer> {
  const rows = Array.from({ length: 4000 }, (_, at) => {
    const taken = Math.floor(20 + 300 * random()) + (at % 1000 === 0 ? 6000 : 0)
    const code = at === 1234 ? '502 3 12002' : at === 2345 ? '502 3 64' : '200 0 0'
    return ` 10.0.0.5 GET /app${at % 400}/page.aspx id=${at}&X-ARR-CACHE-HIT=0&X-ARR-LOG-ID=6f1c9a52-7a4e-4b6e-9a5e-${String(at).padStart(12, '0')}${code.startsWith('2') ? '&SERVER-STATUS=200' : ''} 443 - 198.51.100.${at % 250} ${agent} - ${code} ${code === '502 3 12002' ? 30_001 : taken}\r\n`
  })
  let done = 0
  yield Buffer.from(fields)
  for (let atMs = Date.UTC(2026, 2, 1), at = 0; done < bytes; atMs += 60_000) {
    let text = ''
    for (let second = 0; second < 60; second++) {
      const stamp = new Date(atMs + second * 1000).toISOString().slice(0, 19).replace('T', ' ')
      for (let count = 0; count < perSecond; count++) text += stamp + rows[at++ % rows.length]
    }
    done += text.length
    yield Buffer.from(text, 'latin1')
  }
}
