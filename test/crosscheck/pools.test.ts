import { expect, test } from 'vitest'
import { readPools } from '../../src/crosscheck/pools.ts'
import { concealing } from '../../src/secrets/conceal.ts'

/** The readings as an object; else why there are none. */
function poolsOf(lines: readonly string[], ...wanted: string[]) {
  const found = readPools(lines.map((line) => `windows_iis_${line}\n`).join(''), wanted)
  return typeof found === 'string' ? found : Object.fromEntries(found)
}

const shop = [
  'current_application_pool_state{app="Shop",state="Running"} 1',
  'current_application_pool_state{app="Shop",state="Disabled"} 0',
  'current_application_pool_start_time{app="Shop"} 1234',
  'total_application_pool_start_time{app="Shop"} 1234',
  'current_worker_processes{app="Shop"} 2',
  'total_application_pool_recycles{app="Shop"} 3',
  'total_worker_processes_created{app="Shop"} 9',
  'total_worker_process_failures{app="Shop"} 1',
  'total_worker_process_ping_failures{app="Shop"} 5',
  'total_worker_process_startup_failures{app="Shop"} 6',
  'total_worker_process_shutdown_failures{app="Shop"} 7',
  'worker_requests_total{app="Shop",pid="40"} 1.234567e+06',
  'worker_requests_total{app="Shop",pid="44"} 1',
  'worker_current_requests{app="Shop",pid="40"} 0',
]

test('a pool is read from the series that are known to be right, whatever the case of its name', () => {
  expect(poolsOf(shop, 'shop')).toEqual({
    shop: {
      state: 'Running',
      workers: 2,
      recycles: 3,
      created: 9,
      failures: 1,
      pingFailures: 5,
      startupFailures: 6,
      shutdownFailures: 7,
      pids: ['40', '44'],
    },
  })
})

test('the gauges of start times, which some versions get wrong, change nothing', () => {
  const wrong = shop.map((line) =>
    line.includes('start_time') ? line.replace(/ \d+$/, ' 9999999999') : line,
  )
  expect(wrong).not.toEqual(shop)
  expect(poolsOf(wrong, 'shop')).toEqual(poolsOf(shop, 'shop'))
})

test('impossible counts are ignored, and of a pool that is shown twice the greater count is used', () => {
  const lines = [
    'total_worker_processes_created{app="shop"} NaN',
    'total_application_pool_recycles{app="shop"} -4',
    'total_worker_process_failures{app="shop"} 1e300',
    'current_worker_processes{app="shop"} 1',
    'current_worker_processes{app="Shop"} 2',
  ]
  expect(poolsOf(lines, 'shop')).toEqual({ shop: { pids: [], workers: 2 } })
})

test('pools that are not asked for are left out, and so are those that are not there while one is', () => {
  expect(poolsOf([...shop, 'current_worker_processes{app="api"} 1'], 'api', 'other')).toEqual({
    api: { pids: [], workers: 1 },
  })
})

test('a pool that is not there is reported with those that are', () => {
  const many = Array.from({ length: 12 }, (_, n) => `current_worker_processes{app="p${n}"} 1`)
  expect(poolsOf([...shop, 'current_worker_processes{app="_Total"} 1'], 'shpo', 'api')).toBe(
    'it knows no application pool "shpo" or "api"; it has "Shop"',
  )
  expect(poolsOf(many, 'shop')).toBe(
    'it knows no application pool "shop"; it has "p0", "p1", "p10", "p11", "p2", "p3", "p4", "p5", "p6", "p7" and 2 more',
  )
  expect(poolsOf(['requests_total{site="shop"} 1'], 'shop')).toBe(
    'it knows no application pool "shop"; it has none at all',
  )
})

test('without the iis collector the reason says how to enable it', () => {
  expect(poolsOf([], 'shop')).toBe(
    'it shows no windows_iis_ metrics; enable its iis collector (--collectors.enabled=[defaults],iis)',
  )
})

test('an exporter from before its metrics were renamed is called too old', () => {
  expect(readPools('wmi_iis_current_worker_processes{app="shop"} 1\n', ['shop'])).toBe(
    'it is too old: its metrics begin with wmi_, those of windows_exporter 0.13 and newer with windows_; update it',
  )
})

test('of thousands of workers only the first are read, ids that are no numbers never, and it takes little time', () => {
  const lying = Array.from({ length: 19_000 }, (_, n) => `worker_requests_total{app="shop",pid="${n}"} 1`)
  const startedMs = performance.now()
  const read = readPools(
    [...lying, 'worker_requests_total{app="shop",pid="x"} 1'].map((line) => `windows_iis_${line}\n`).join(''),
    ['shop'],
  )
  expect(performance.now() - startedMs).toBeLessThan(1000)
  expect(typeof read === 'string' ? read : read.get('shop')?.pids.length).toBe(256)
})

test('names from the exporter are cut and cannot move a cursor', () => {
  const escape = '\u009b2J\u202e'
  const long = 'x'.repeat(1000)
  expect(poolsOf([`current_worker_processes{app="${escape}${long}"} 1`], 'shop')).toBe(
    `it knows no application pool "shop"; it has "\\u009b2J\\u202e${'x'.repeat(60)}"`,
  )
  const state = `current_application_pool_state{app="shop",state="${escape}${long}"} 1`
  expect(poolsOf([state, 'current_worker_processes{app="shop"} 1'], 'shop')).toEqual({
    shop: { pids: [], workers: 1 },
  })
})

test('credentials that an exporter sends back are not shown, not even their beginning', () => {
  const text = ['blog', 'Bearer s3cret-token-of-1000', 'xs3cret-token']
    .map((app) => `windows_iis_current_worker_processes{app="${app}"} 1\n`)
    .join('')
  expect(readPools(text, ['shop'], concealing(['s3cret-token-of-1000']))).toBe(
    'it knows no application pool "shop"; it has "Bearer <secret>", "blog", "x<secret>"',
  )
})
