/** The schemas of the API cost memory, and a farmprobe that only Prometheus reads needs none of them. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Loads a module where zod cannot be had. */
const withoutZod = (path: string) =>
  spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { registerHooks } from 'node:module'
registerHooks({
  resolve(name, context, next) {
    if (name === 'zod') throw new Error('zod is asked for')
    return next(name, context)
  },
})
await import('./${path}')`,
    ],
    { encoding: 'utf8' },
  ).stderr

test('the web interface starts without them, and the document does not', () => {
  expect(withoutZod('src/web/routes.ts')).toBe('')
  expect(withoutZod('src/web/api/openapi.ts')).toContain('zod is asked for')
})
