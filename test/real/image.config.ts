import { defineConfig } from 'vitest/config'

/** The image suite takes minutes, root and buildah: it has a command of its own, `npm run test:image`. */
export default defineConfig({
  test: {
    include: ['test/real/image.suite.ts'],
    fileParallelism: false,
    setupFiles: ['test/support/leaks.ts'],
    reporters: ['default'],
  },
})
