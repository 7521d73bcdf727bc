import manifest from '../../package.json' with { type: 'json' }

/** The version of this farmprobe. */
export const version: string = manifest.version
