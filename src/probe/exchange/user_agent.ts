// oxlint-disable-next-line no-restricted-imports -- the package's own manifest is data, not a layer
import manifest from '../../../package.json' with { type: 'json' }

/** How farmprobe introduces itself, unless a check says otherwise. */
export const userAgent = `farmprobe/${manifest.version}`
