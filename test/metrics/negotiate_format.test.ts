import { expect, test } from 'vitest'
import { type Format, negotiate } from '../../src/metrics/negotiate_format.ts'

const prometheus2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
const prometheus2Protobuf = `application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,${prometheus2}`
const prometheus3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1'
const prometheus3Protobuf = `application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,${prometheus3}`
const prometheus3TextOnly = 'text/plain;version=0.0.4;q=0.2,*/*;q=0.1'

test.each<[why: string, accept: string | undefined, format: Format]>([
  ['no header', undefined, 'text'],
  ['an empty header', '', 'text'],
  ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text'],
  ['curl', '*/*', 'text'],
  ['Prometheus 2', prometheus2, 'openmetrics'],
  ['Prometheus 2 with native histograms', prometheus2Protobuf, 'openmetrics'],
  ['Prometheus 3', prometheus3, 'openmetrics'],
  ['Prometheus 3 told to take text', prometheus3TextOnly, 'text'],
  ['a client that prefers text', 'application/openmetrics-text;q=0.3, text/plain;q=0.4', 'text'],
  ['equal preferences, text first', 'text/plain, application/openmetrics-text', 'text'],
  ['equal preferences, OpenMetrics first', 'application/openmetrics-text, text/plain', 'openmetrics'],
  ['OpenMetrics of no version in particular', 'application/openmetrics-text', 'openmetrics'],
  ['OpenMetrics of a version we do not speak', 'application/openmetrics-text;version=2.0.0', 'text'],
  ['OpenMetrics refused', 'application/openmetrics-text;q=0, */*;q=0.1', 'text'],
  [
    'spaces and quotes',
    ' Application/OpenMetrics-Text ; version="1.0.0" ; q=0.9 , text/plain;q=0.5',
    'openmetrics',
  ],
  ['a quality that is none', 'application/openmetrics-text;q=high, text/plain;q=0.1', 'text'],
  ['only what we do not speak', 'application/json', 'text'],
])('%s', (_why, accept, format) => {
  expect(negotiate(accept)).toBe(format)
})

test.each<[why: string, accept: string, format: Format]>([
  ['Prometheus 2', prometheus2Protobuf, 'protobuf'],
  ['Prometheus 3', prometheus3Protobuf, 'protobuf'],
  ['a Prometheus that does not want them', prometheus3, 'openmetrics'],
  [
    'a client of other messages',
    'application/vnd.google.protobuf;proto=other;encoding=delimited,*/*;q=0.1',
    'text',
  ],
])('with native histograms %s', (_why, accept, format) => {
  expect(negotiate(accept, true)).toBe(format)
})
