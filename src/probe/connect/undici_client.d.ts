/**
 * undici's HTTP client without the rest of undici: the package's own entry loads all of fetch, WebSocket and caching
 * too, which takes three times as long at every start of a prober thread.
 */
declare module 'undici/lib/dispatcher/client.js' {
  import type { Client } from 'undici'

  const client: typeof Client
  export default client
}
