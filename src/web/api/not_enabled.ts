/** What to say where a change over HTTP is not allowed. */
export const notEnabled = (what: string): string =>
  `${what} over HTTP is not enabled: start farmprobe with --web.enable-lifecycle.`
