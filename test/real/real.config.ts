import { defineConfig } from 'vitest/config'

/** What needs real servers, Prometheus or a browser, which take their time: `npm run test:real`. */
export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts', 'test/contrib/**/*.test.ts', 'test/web/page/**/*.test.ts'],
    setupFiles: ['test/support/leaks.ts'],
    testTimeout: 20_000,
    reporters: ['default'],
  },
})
