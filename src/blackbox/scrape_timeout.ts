/** How long Prometheus waits where it does not say. */
const usualScrapeTimeoutS = 120

/** Longer than that our own web server keeps no client waiting. */
const longestMs = 119_500

/**
 * The time limit of a probe in milliseconds, by the exporter's rules: the module's own where it has one that is
 * shorter than what the scrape leaves, else that. `header` is X-Prometheus-Scrape-Timeout-Seconds, undefined when it
 * was not sent; returns undefined when it is no number.
 */
export function timeLimitMs(
  moduleTimeoutMs: number,
  header: string | undefined,
  offsetMs: number,
): number | undefined {
  const seconds = header === undefined ? usualScrapeTimeoutS : Number(header)
  if (header?.trim() === '' || !Number.isFinite(seconds)) return undefined
  const leftMs = Math.min(longestMs, (seconds === 0 ? usualScrapeTimeoutS : seconds) * 1000 - offsetMs)
  const own = moduleTimeoutMs > 0 && (moduleTimeoutMs < leftMs || leftMs < 0)
  return Math.max(0, own ? moduleTimeoutMs : leftMs)
}
