/** For each alert a scene in which it fires and one in which it must not; the table from which promtool's tests are made. */
import { counter, eventsAt, gauge, type Scene, type Series, type Span } from './scene.ts'

export interface AlertCase {
  readonly alert: string
  readonly name: string
  readonly scene: Scene
  /** A second at which it fires; absent: it never does. */
  readonly fires?: number
  /** From then on it does not fire any more. */
  readonly ends?: number
  /** It fires from then on without a break. */
  readonly keeps?: true
  /** The firing alert's labels beyond `severity`, and its texts, where they are to be looked at. */
  readonly labels?: Readonly<Record<string, string>>
  readonly texts?: Readonly<Record<string, string>>
}

const hour = 3600
const day = 24 * hour
const onShop = { farm: 'shop' }

export const firstRequests = (target: string, seconds: number, times: readonly number[]): Series[] => {
  const count = (second: number) => times.filter((at) => at <= second).length
  const labels = `{farm="shop",role="node",target="${target}",check="home"}`
  return [
    counter(`farmprobe_first_request_seconds_count${labels}`, count),
    counter(`farmprobe_first_request_seconds_sum${labels}`, (second) => seconds * count(second)),
  ]
}

export const recycled = (target: string, times: readonly number[]) =>
  gauge(
    `farmprobe_last_recycle_timestamp_seconds{farm="shop",target="${target}"}`,
    // Promtool's clock begins at 0, which is no time of a recycle then.
    (second) => times.findLast((at) => at <= second) ?? -day,
  )

export const incidents = (times: readonly number[]) => [
  eventsAt('farmprobe_incidents_opened_total{farm="shop",impact="users"}', times),
  {
    ...eventsAt(
      'farmprobe_incidents_total{farm="shop",impact="users",node="web01",cause="cold_start"}',
      times.map((at) => at + 70),
    ),
    at: (second: number) => times.filter((at) => at + 70 <= second).length || undefined,
  },
]

const expires = (at: number) =>
  gauge('farmprobe_tls_not_after_timestamp_seconds{farm="shop",role="node",target="web01"}', () => at)

/** web02 fails through the balancer all the time; that is no failure of the node, and none that every user meets. */
const throughFails = (scrape: number): Series[] => {
  const labels = 'farm="shop",role="through",target="web02",check="home"'
  const count = (second: number) => Math.floor(second / scrape)
  return [
    gauge(`farmprobe_up{${labels}}`, () => 0),
    counter(`farmprobe_probes_total{${labels},lane="tick",result="ok"}`, () => 0),
    counter(`farmprobe_probes_total{${labels},lane="tick",result="status"}`, count),
    counter(`farmprobe_responses_total{${labels},lane="tick",code="502"}`, count),
    counter(`farmprobe_gateway_errors_total{${labels},code="502",origin="nginx"}`, count),
  ]
}

const directAlerts = [
  'FarmprobeGatewayErrorSpike',
  'FarmprobeBalancerFault',
  'FarmprobeFarmDown',
  'FarmprobeNodeFailing',
  'FarmprobeErrorBudgetBurnFast',
  'FarmprobeErrorBudgetBurnSlow',
]

/** What does not depend on how often farms are probed. */
export function scrapedCases(scrape: number): AlertCase[] {
  const scene = (until: number, ...more: Series[]): Scene => ({ probe: scrape, scrape, until, more })
  const lag = 2 * scrape + 150
  return [
    ...directAlerts.map((alert) => ({
      alert,
      name: 'a node fails through the balancer, and answers by itself',
      scene: scene(2 * hour, ...throughFails(scrape)),
    })),
    {
      alert: 'FarmprobeFirstRequestSlow',
      name: 'a first request takes 12 s, ten minutes after a maintenance',
      scene: { ...scene(2 * hour, ...firstRequests('web01', 12, [1800])), maintenance: [[600, 1200]] },
      fires: 1800 + lag,
      labels: { ...onShop, check: 'home' },
      texts: {
        description:
          'The first request of check home to a new worker of shop took 12s: the application is not started before users need it.',
        nodes: 'web01: 12s. ',
      },
    },
    {
      alert: 'FarmprobeFirstRequestSlow',
      name: 'one takes 4 s',
      scene: scene(hour, ...firstRequests('web01', 4, [1800])),
    },
    {
      alert: 'FarmprobeFirstRequestSlow',
      name: 'one takes 12 s in maintenance',
      scene: { ...scene(hour, ...firstRequests('web01', 12, [1200])), maintenance: [[600, 1300]] },
    },
    {
      alert: 'FarmprobeNodeRecyclesOften',
      name: 'a node recycles four times within hours',
      scene: scene(3 * hour, recycled('web01', [1200, 3000, 4800, 6600])),
      fires: 6600 + lag,
      labels: { ...onShop, target: 'web01' },
      texts: { description: 'web01 of shop recycled 4 times within 6 hours.' },
    },
    {
      alert: 'FarmprobeNodeRecyclesOften',
      name: 'it recycles three times',
      scene: scene(3 * hour, recycled('web01', [1200, 3000, 4800])),
    },
    {
      alert: 'FarmprobeNodesRecycleTogether',
      name: 'both nodes recycle within 3 s, and one of them again',
      scene: scene(
        hour,
        recycled('web01', [1200, 1350]),
        recycled('web02', [1203]),
        recycled('balancer', [1400]),
      ),
      fires: 1200 + lag + 200,
      labels: onShop,
      texts: { description: '2 nodes of shop recycled within 20 seconds.' },
    },
    {
      alert: 'FarmprobeNodesRecycleTogether',
      name: 'they recycle a minute and a half apart',
      scene: scene(hour, recycled('web01', [1200]), recycled('web02', [1290])),
    },
    {
      alert: 'FarmprobeRepeatedIncidents',
      name: 'three bursts within four hours',
      scene: scene(4 * hour, ...incidents([hour, 2 * hour, 3 * hour])),
      fires: 3 * hour + 70 + lag,
      labels: onShop,
      texts: {
        description:
          '3 times within 24 hours requests to shop failed. Each time it was over soon; the cause is still there.',
        culprit: 'web01: cold_start, 3 times. ',
      },
    },
    {
      alert: 'FarmprobeRepeatedIncidents',
      name: 'two bursts, and a restart of farmprobe between them',
      scene: { ...scene(4 * hour, ...incidents([hour, 3 * hour])), restart: 2 * hour },
    },
    {
      alert: 'FarmprobeCertificateExpiresSoon',
      name: 'ten days are left, in maintenance too',
      scene: { ...scene(2 * hour, expires(10 * day + hour)), maintenance: [[1200, 3000]] },
      fires: 1800,
      keeps: true,
      labels: { ...onShop, target: 'web01' },
      texts: {
        description:
          'The certificate that web01 of shop presents expires in 10d 0h 30m 0s: install a new one.',
      },
    },
    {
      alert: 'FarmprobeCertificateExpiresSoon',
      name: 'a month is left',
      scene: scene(hour, expires(30 * day)),
    },
    {
      alert: 'FarmprobeCertificateExpiresNow',
      name: 'it has expired',
      scene: scene(hour, expires(600)),
      fires: 1800,
      labels: { ...onShop, target: 'web01' },
      texts: {
        description: 'The certificate that web01 of shop presents expired 20m 0s ago: install a new one.',
      },
    },
    {
      alert: 'FarmprobeCertificateExpiresNow',
      name: 'four days are left',
      scene: scene(hour, expires(4 * day + hour)),
    },
  ]
}

/** Findings are one ticket, however long they go on. */
export function lastingCases(scrape: number): AlertCase[] {
  const scene = (until: number, ...more: Series[]): Scene => ({ probe: scrape, scrape, until, more })
  return [
    {
      alert: 'FarmprobeFirstRequestSlow',
      name: 'after two recycles by the timer of 29 h they take 12 s: one ticket',
      scene: scene(32 * hour, ...firstRequests('web01', 12, [hour, 30 * hour])),
      fires: hour + 2 * scrape + 150,
      keeps: true,
    },
    {
      alert: 'FarmprobeErrorBudgetBurnSlow',
      name: 'about one probe in 700 fails, now more and now less: one ticket',
      scene: {
        ...scene(40 * hour),
        balancerFails: [1, 2, 3, 4, 5, 6, 15, 16, 17, 30, 31, 38].map(
          (at): Span => [at * hour, at * hour + scrape],
        ),
      },
      fires: 8 * hour,
      keeps: true,
    },
  ]
}
