import { cpus, loadavg, release, totalmem } from 'node:os'

/** What the figures were measured on, and how busy it was with other work just before. */
export function machineLine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor'
  const memoryGiB = Math.round(totalmem() / 2 ** 30)
  const load = loadavg()[0]?.toFixed(2)
  return `${cpus().length} x ${model}, ${memoryGiB} GiB, Linux ${release()}, Node ${process.version}, load before ${load}`
}
