import { defineConfig } from 'vitest/config'

/** What needs nothing but Node, and minutes of it: `npm run test:slow`. */
export default defineConfig({
  test: {
    include: ['test/**/*.slow.ts'],
    setupFiles: ['test/support/leaks.ts'],
    testTimeout: 60_000,
    reporters: ['default'],
  },
})
