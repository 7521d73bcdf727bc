import { expect, test } from 'vitest'
import { mostShards, parseShard, shardText } from '../../src/model/farm.ts'

test.each([
  ['0/1', { index: 0, count: 1 }],
  ['3/11', { index: 3, count: 11 }],
  ['999/1000', { index: 999, count: mostShards }],
])('%s is a shard, and written so again', (text, shard) => {
  expect(parseShard(text)).toEqual(shard)
  expect(shardText(shard)).toBe(text)
})

// Counting from 1 is the mistake to expect: the last of them would be refused, and not silently be another.
test.each(['11/11', '1/0', '0/0', '/11', '3/', '3', '-1/3', '1.5/3', ' 1/3', '1/3 ', '0/1001', 'a/b', ''])(
  '%j is none',
  (text) => {
    expect(parseShard(text)).toBeUndefined()
  },
)
