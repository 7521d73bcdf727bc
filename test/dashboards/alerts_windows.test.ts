/** The windows of the spike alert fit: whatever the intervals of probes and scrapes, a spike pages and one 502 does not. */
import { expect, test } from 'vitest'
import { suiteWith } from '../support/processes/real_binaries.ts'
import { testRules } from '../support/rules/rule_cases.ts'
import { rulesWith } from '../support/rules/rule_files.ts'

/** In seconds. */
interface Rhythm {
  readonly probe: number
  readonly scrape: number
}

const rhythms: readonly Rhythm[] = [1, 5, 15, 60].flatMap((probe) =>
  [5, 15, 30, 60].map((scrape) => ({ probe, scrape })),
)

const minute = 60
/** When the trouble begins: after a history longer than the longest window of the spike alert. */
const begin = 7 * minute
const end = begin + 9 * minute

/** How often Prometheus evaluates the rules: as often as suits the scrapes. */
const evaluationOf = ({ scrape }: Rhythm) => Math.min(scrape, 15)

const subject = 'farm="shop",role="balancer",target="balancer",check="home",lane="tick"'
const answers = (code: string) => `farmprobe_responses_total{${subject},code="${code}"}`
const results = (result: string) => `farmprobe_probes_total{${subject},result="${result}"}`

/** The balancer's answers, counted as Prometheus scrapes them; `fails` says of a probe, by its time, if it met a 502. */
function scraped({ probe, scrape }: Rhythm, fails: (atSecond: number) => boolean) {
  const scrapes = every(scrape, 0, end)
  const bad = scrapes.map((to) => every(probe, 0, to).filter(fails).length)
  const good = scrapes.map((to, index) => every(probe, 0, to).length - (bad[index] ?? 0))
  return [
    { series: answers('2xx'), values: good.join(' ') },
    { series: answers('502'), values: bad.join(' ') },
    { series: results('ok'), values: good.join(' ') },
    { series: results('status'), values: bad.join(' ') },
  ]
}

const pages = (atSecond: number, firing: boolean) => ({
  expr: 'group(ALERTS{severity="critical",alertstate="firing",farm="shop"})',
  eval_time: `${atSecond}s`,
  exp_samples: firing ? [{ value: 1 }] : [],
})

const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step)

const testOf = (rhythm: Rhythm, fails: (atSecond: number) => boolean, expected: readonly object[]) => ({
  interval: `${rhythm.scrape}s`,
  input_series: scraped(rhythm, fails),
  promql_expr_test: expected,
})

const firstProbe = ({ probe }: Rhythm) => Math.ceil(begin / probe) * probe

/** Every other probe from the first one in trouble on. */
function half(rhythm: Rhythm): object {
  const first = firstProbe(rhythm)
  const by = first + reachedWithin(rhythm) + rhythm.scrape + evaluationOf(rhythm)
  const fails = (at: number) => at >= first && ((at - first) / rhythm.probe) % 2 === 0
  return testOf(rhythm, fails, [pages(first - 1, false), pages(by, true)])
}

/** Two errors, and 15 % of a minute where it holds enough of them and of scrapes; of five minutes elsewhere. */
function reachedWithin({ probe, scrape }: Rhythm): number {
  const share = scrape <= 15 && probe <= 15 ? 0.3 * minute : 0.3 * 5 * minute
  return Math.max(2 * probe, share) + (scrape <= 15 ? 0 : scrape)
}

const single = (rhythm: Rhythm): object =>
  testOf(
    rhythm,
    (at) => at === firstProbe(rhythm),
    every(15, begin, end).map((at) => pages(at, false)),
  )

/** For quick checks only: of a probe every 15 s one in a minute is one in four. */
const onceAMinute = (rhythm: Rhythm): object =>
  testOf(
    rhythm,
    (at) => at >= begin && at % minute === 0,
    every(15, begin, end).map((at) => pages(at, false)),
  )

/** Only these page. */
const paging = rulesWith(({ labels }) => labels.severity === 'critical')

suiteWith('promtool')('with a probe every 1 to 60 s and a scrape every 5 to 60 s', () => {
  test.concurrent.for(rhythms)(
    'half of the answers being 502 pages, a single 502 does not: probe $probe s, scrape $scrape s',
    { timeout: 60_000 },
    async (rhythm) => {
      const rare = rhythm.probe <= 5 ? [onceAMinute(rhythm)] : []
      const tests = [half(rhythm), single(rhythm), ...rare]
      expect(
        await testRules(paging, { evaluation_interval: `${evaluationOf(rhythm)}s`, tests }),
      ).toMatchObject({ ok: true })
    },
  )
})
