const units = ['bytes', 'KiB', 'MiB', 'GiB'] as const

/** A size as people read it: `120 KiB`, `2 GiB`. */
export function formatBytes(bytes: number): string {
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  return `${Number((bytes / 1024 ** step).toPrecision(3))} ${units[step]}`
}
