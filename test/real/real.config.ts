import { defineConfig } from 'vitest/config'

/** What needs real servers, Prometheus or a browser, which take their time: `npm run test:real`. */
export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts', 'test/contrib/**/*.test.ts', 'test/web/page/**/*.test.ts'],
    // Most of their time is waiting. By default Vitest leaves one core idle, which is half of the two that CI has.
    maxWorkers: '100%',
    globalSetup: ['test/real/built.ts'],
    setupFiles: ['test/support/leaks.ts'],
    // A test that a busy machine made fail is run once more, and the report says `(retry x1)`.
    retry: process.env['CI'] === undefined ? 0 : 1,
    // Browsers and servers of other people start in these times on a busy machine; a test waits for events, so none is slower for it.
    hookTimeout: 60_000,
    testTimeout: 60_000,
    reporters: ['default'],
  },
})
