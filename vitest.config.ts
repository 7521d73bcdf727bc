import { defineConfig } from 'vitest/config'

/** What needs nothing but Node; what needs other programs, or minutes, has commands of its own. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**', 'test/contrib/**', 'test/web/page/**'],
    // Files share their processes, which takes half the time; leaks.ts sees to it that none leaves anything behind.
    isolate: false,
    // By default Vitest leaves one core idle, which is half of the two that CI has.
    maxWorkers: '100%',
    setupFiles: ['test/support/leaks.ts'],
    // A test that a busy machine made fail is run once more, and the report says `(retry x1)`.
    retry: process.env['CI'] === undefined ? 0 : 1,
    testTimeout: 20_000,
    reporters: ['default'],
  },
})
