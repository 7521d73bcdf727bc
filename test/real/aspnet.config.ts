import { defineConfig } from 'vitest/config'

/** The suite on real ASP.NET takes ten minutes and a machine to itself: it has a command of its own, `npm run test:aspnet`. */
export default defineConfig({
  test: {
    include: ['test/real/aspnet.suite.ts'],
    fileParallelism: false,
    setupFiles: ['test/support/leaks.ts'],
    reporters: ['default'],
  },
})
