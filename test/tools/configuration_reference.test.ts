import { expect, test } from 'vitest'
import { defaultsKeys } from '../../src/config/schema/check_keys.ts'
import type { Keys } from '../../src/config/schema/part.ts'
import { configurationReference } from '../../tools/references/configuration_reference.ts'
import { configOf, withCheck } from '../support/files/config_text.ts'

const reference = configurationReference()

test('a key is a row with its kind, its default, its meaning and an example', () => {
  expect(reference).toContain(
    '| `redirects` | `none` or `pinned` | `none` | Take a redirect as the answer, or follow it while it stays on the ' +
      'site, always to the same target. Example: `pinned`. |',
  )
  expect(reference).toContain('| `url` | URL | *required* |')
  expect(reference).toContain('| `status` | status codes | `[200-399]` |')
})

test('every mapping has its section', () => {
  expect(reference.match(/^## .*$/gm)).toEqual([
    '## The file',
    '## `web`',
    '## `journal`',
    '## `incidents`',
    '## `alertmanagers[]`',
    '## `alertmanagers[].auth`',
    '## `alertmanagers[].auth.basic`',
    '## `alertmanagers[].tls`',
    '## `webhooks[]`',
    '## `webhooks[].auth`',
    '## `webhooks[].auth.basic`',
    '## `webhooks[].tls`',
    '## `was`',
    '## `blackbox`',
    '## `farms[]`',
    '## `farms[].nodes[]`',
    '## `farms[].nodes[].crosscheck`',
    '## `farms[].discover`',
    '## `farms[].discover.dns`',
    '## `farms[].discover.file`',
    '## `farms[].discover.iis`',
    '## `farms[].identity`',
    '## `farms[].served_by`',
    '## `farms[].affinity`',
    '## `farms[].maintenance[]`',
    '## `farms[].crosscheck`',
    '## `farms[].crosscheck.auth`',
    '## `farms[].crosscheck.auth.basic`',
    '## `farms[].crosscheck.tls`',
    '## `farms[].checks[]`',
    '## `farms[].checks[].auth`',
    '## `farms[].checks[].auth.basic`',
    '## `farms[].checks[].auth.ntlm`',
    '## `farms[].checks[].auth.negotiate`',
    '## `farms[].checks[].tls`',
    '## `farms[].checks[].burst`',
    '## `farms[].checks[].identity`',
    '## `farms[].checks[].expect`',
    '## `farms[].checks[].expect.body`',
    '## `farms[].checks[].expect.warming`',
  ])
})

/** Every default of some keys, as it would be written. */
const defaultsOf = (keys: Keys = {}): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(keys)
      .filter(([, key]) => key.default !== undefined)
      .map(([name, { part, ...key }]) => [name, part.keys ? defaultsOf(part.keys) : key.default]),
  )

test('the defaults it states are those that hold: writing them changes nothing', async () => {
  const { timezone: _only, ...written } = defaultsOf(defaultsKeys.keys)
  const stated = await configOf(withCheck(JSON.stringify(written).slice(1, -1)))
  expect(stated.farms).toEqual((await configOf(withCheck(''))).farms)
})
