import { fileURLToPath } from 'node:url'

/** The folder of the zoo's applications. */
export const apps = fileURLToPath(new URL('../apps', import.meta.url))
