/** Cases of trouble of farmprobe itself. */
import type { AlertCase } from './alert_cases.ts'
import { counter, eventsAt, gauge, type Scene, type Series } from './scene.ts'

const hour = 3600
const onShop = { farm: 'shop' }
const onItself = { job: 'farmprobe', instance: 'a' }

const growing = (of: string, from: number, perMinute: number) =>
  counter(of, (second) => (Math.max(0, second - from) / 60) * perMinute)

const shard = (number: number, until = Number.POSITIVE_INFINITY, of = 2, from = 0) => {
  const there = (value: number) => (second: number) => (second >= from && second < until ? value : undefined)
  return [
    gauge(`farmprobe_shard_info{shard="${number}",shards="${of}"}`, there(1)),
    gauge(`farmprobe_shards{shard="${number}",shards="${of}"}`, there(of)),
  ]
}

const refused = (target: string) =>
  `farmprobe_probes_total{farm="shop",role="${target === 'balancer' ? target : 'node'}",target="${target}",check="home",lane="tick",result="auth"}`
const refusing = (target: string) => growing(refused(target), 600, 12)

const down = (from: number, to: number) => ({ unanswered: [[from, to]] as const })

export function ownCases(scrape: number): AlertCase[] {
  const scene = (until: number, ...more: Series[]): Scene => ({ probe: scrape, scrape, until, more })
  const lag = 2 * scrape + 150
  const lags = growing('farmprobe_schedule_lag_seconds_count{', 0, 100)
  const pair = { instances: ['a', 'b'], unansweredBy: 'a' }
  return [
    {
      alert: 'FarmprobeMissing',
      name: 'the only farmprobe stops answering',
      scene: { ...scene(hour), ...down(1800, hour + 1) },
      fires: 1800 + 60 + 180 + lag,
      labels: onItself,
      texts: {
        description:
          'Prometheus has no answer from farmprobe at a (farmprobe), and no other farmprobe watches its farms.',
      },
    },
    {
      alert: 'FarmprobeMissing',
      name: 'one of two does',
      scene: { ...scene(hour), ...pair, ...down(1800, hour + 1) },
    },
    {
      alert: 'FarmprobeMissing',
      name: 'the whole job leaves discovery',
      scene: { ...scene(hour), leaves: 1800 },
      fires: 1800 + 60 + 180 + lag,
      labels: onItself,
    },
    {
      alert: 'FarmprobeMissing',
      name: 'one of two leaves discovery',
      scene: { ...scene(hour), ...pair, leaves: 1800 },
    },
    {
      alert: 'FarmprobeReplicaMissing',
      name: 'one of two stops answering',
      scene: { ...scene(hour), ...pair, ...down(1800, hour + 1) },
      fires: 1800 + 300 + lag,
      labels: onItself,
      texts: {
        description:
          'Prometheus has no answer from farmprobe at a; another one watches its farms. Start it again: if that one fails too, nobody watches them.',
      },
    },
    {
      alert: 'FarmprobeReplicaMissing',
      name: 'one scrape fails',
      scene: { ...scene(hour), ...pair, ...down(1800, 1801) },
    },
    {
      alert: 'FarmprobeShardMissing',
      name: 'one of two shards goes',
      scene: scene(hour, ...shard(0), ...shard(1, 1200)),
      fires: 1200 + 420 + lag,
      labels: { job: 'farmprobe' },
      texts: {
        description: '1 of the shards of farmprobe are missing: start them.',
        shards: 'Shard 1 (counted from 0) of 2. ',
      },
    },
    {
      alert: 'FarmprobeShardMissing',
      name: 'three shards become two, one restart after the other',
      scene: scene(
        hour,
        ...shard(0, 1200, 3),
        ...shard(1, 1260, 3),
        ...shard(2, 1300, 3),
        ...shard(0, undefined, 2, 1230),
        ...shard(1, undefined, 2, 1290),
      ),
    },
    { alert: 'FarmprobeShardMissing', name: 'both are there', scene: scene(hour, ...shard(0), ...shard(1)) },
    {
      alert: 'FarmprobeRestarting',
      name: 'three starts within an hour',
      scene: scene(
        hour,
        gauge(
          'process_start_time_seconds{',
          (second) => [600, 1200, 1800].findLast((at) => at <= second) ?? 1,
        ),
      ),
      fires: 1800 + lag,
      labels: onItself,
      texts: {
        description:
          'farmprobe at a went away and came back 3 times within an hour: read the end of its log.',
      },
    },
    {
      alert: 'FarmprobeRestarting',
      name: 'every third scrape fails for a while',
      scene: {
        ...scene(hour),
        unanswered: [0, 1, 2, 3].map((turn) => [1200 + 3 * turn * scrape, 1201 + 3 * turn * scrape] as const),
      },
      fires: 1200 + 12 * scrape + lag,
      labels: onItself,
    },
    {
      alert: 'FarmprobeRestarting',
      name: 'one start',
      scene: scene(
        hour,
        gauge('process_start_time_seconds{', (second) => (second < 900 ? 1 : 900)),
      ),
    },
    {
      alert: 'FarmprobeOverloaded',
      name: 'a twentieth of the slots is missed',
      scene: scene(
        hour,
        lags,
        growing('farmprobe_missed_slots_total{farm="shop",role="node",target="web01",check="home"}', 600, 2),
      ),
      fires: 600 + 600 + lag,
      labels: onItself,
    },
    {
      alert: 'FarmprobeOverloaded',
      name: 'nothing is late',
      scene: scene(
        hour,
        lags,
        growing('farmprobe_schedule_lag_seconds_bucket{le="0.25"}', 0, 100),
        growing('farmprobe_schedule_lag_seconds_bucket{le="+Inf"}', 0, 100),
      ),
    },
    {
      alert: 'FarmprobeBlind',
      name: 'a tenth of the samples is suspect',
      scene: scene(hour, lags, growing('farmprobe_suspect_samples_total{', 0, 10)),
      fires: 1800,
      labels: onItself,
      texts: {
        description:
          '10% of the probes of farmprobe at a ran while its own event loop was late: give it more CPU. Alerts on farms that only it watches wait.',
      },
    },
    {
      alert: 'FarmprobeBlind',
      name: 'a hundredth is',
      scene: scene(hour, lags, growing('farmprobe_suspect_samples_total{', 0, 1)),
    },
    {
      alert: 'FarmprobeGatewayErrorSpike',
      name: 'farmprobe itself is blind',
      scene: {
        ...scene(2700, lags, growing('farmprobe_suspect_samples_total{', 0, 10)),
        balancerFails: [[1200, 2700]],
      },
    },
    {
      alert: 'FarmprobeConfigReloadFailed',
      name: 'a reload fails',
      scene: scene(
        hour,
        gauge('farmprobe_config_last_reload_successful{', (second) => Number(second < 600)),
      ),
      fires: 660 + lag,
      labels: onItself,
    },
    {
      alert: 'FarmprobeConfigReloadFailed',
      name: 'all succeed',
      scene: scene(
        hour,
        gauge('farmprobe_config_last_reload_successful{', () => 1),
      ),
    },
    {
      alert: 'FarmprobeDiscoveryFailing',
      name: 'every refresh fails',
      scene: scene(hour, growing('farmprobe_discovery_failures_total{farm="shop",kind="dns"}', 600, 2)),
      fires: 1200,
      labels: { ...onShop, kind: 'dns' },
      texts: {
        description:
          'The dns discovery of shop failed 20 times within 15 minutes: it may watch nodes that are gone, and miss new ones.',
      },
    },
    {
      alert: 'FarmprobeDiscoveryFailing',
      name: 'one fails',
      scene: scene(hour, eventsAt('farmprobe_discovery_failures_total{farm="shop",kind="dns"}', [1200])),
    },
    {
      alert: 'FarmprobeCredentialsRefused',
      name: 'a node and the balancer refuse them',
      scene: scene(hour, refusing('balancer'), refusing('web01')),
      fires: 1200 + 120 + lag,
      labels: { ...onShop, check: 'home' },
      texts: {
        description:
          '2 targets of shop refuse the credentials of check home, or ask for some that it does not have: nothing is known of ' +
          'how they serve users.',
      },
    },
    {
      alert: 'FarmprobeCredentialsRefused',
      name: 'they were refused before, and are not any more',
      scene: scene(
        hour,
        counter(refused('web01'), () => 20),
      ),
    },
    {
      alert: 'FarmprobeNodeFailing',
      name: 'it refuses the credentials of the check',
      scene: { ...scene(hour), nodeRefuses: [[600, hour]] },
    },
    {
      alert: 'FarmprobeInternalErrors',
      name: 'a thread dies',
      scene: scene(hour, eventsAt('farmprobe_prober_restarts_total{prober="0"}', [1200])),
      fires: 1200 + lag,
      labels: onItself,
    },
    {
      alert: 'FarmprobeInternalErrors',
      name: 'none does',
      scene: scene(hour, eventsAt('farmprobe_prober_restarts_total{prober="0"}', [])),
    },
    {
      alert: 'FarmprobeJournalFailing',
      name: 'writing fails for ten minutes',
      scene: scene(
        hour,
        growing('farmprobe_journal_write_errors_total{', 600, 6),
        gauge('farmprobe_journal_last_write_timestamp_seconds{', (second) => Math.min(second, 600)),
      ),
      fires: 1200 + lag,
      labels: onItself,
    },
    {
      alert: 'FarmprobeJournalFailing',
      name: 'it fails once',
      scene: scene(
        hour,
        eventsAt('farmprobe_journal_write_errors_total{', [1200]),
        gauge('farmprobe_journal_last_write_timestamp_seconds{', (second) => second),
      ),
    },
  ]
}
