import { defineConfig } from 'vitest/config'

/** What needs nothing but Node; what needs other programs has commands of its own, such as `npm run test:real`. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**', 'test/contrib/**', 'test/web/page/**'],
    testTimeout: 20_000,
    reporters: ['default'],
  },
})
