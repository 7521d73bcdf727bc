import { defineConfig } from 'vitest/config'

/** What needs nothing but Node, and minutes of it: `npm run test:slow`. */
export default defineConfig({
  test: {
    include: ['test/**/*.slow.ts'],
    maxWorkers: '100%',
    // Programs of a file that run side by side would leave little of two cores to the other file.
    maxConcurrency: 2,
    setupFiles: ['test/support/leaks.ts'],
    // What takes a core for 16 s takes longer beside another file.
    testTimeout: 120_000,
    reporters: ['default'],
  },
})
