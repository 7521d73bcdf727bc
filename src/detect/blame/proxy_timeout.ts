/** How long a balancer waits for a node, learned from the latencies of its errors: they gather at its time-out. */

const remembered = 32
const fewest = 3
/** Latencies this close together, relatively, are the same time-out. */
const tolerance = 0.02
/** Shorter latencies are refusals, not time-outs. */
const leastMs = 500

export interface ProxyTimeout {
  latenciesMs: number[]
}

export const createProxyTimeout = (): ProxyTimeout => ({ latenciesMs: [] })

/** Takes in the latency of one gateway error, in milliseconds. */
export function observeGatewayLatency(state: ProxyTimeout, latencyMs: number): void {
  if (latencyMs < leastMs) return
  state.latenciesMs.push(latencyMs)
  if (state.latenciesMs.length > remembered) state.latenciesMs.shift()
}

/** The latency at which most of the errors gather; undefined while fewer than three do. */
export function proxyTimeoutMs({ latenciesMs }: ProxyTimeout): number | undefined {
  let best: number[] = []
  for (const centre of latenciesMs) {
    const near = latenciesMs.filter((ms) => Math.abs(ms - centre) <= centre * tolerance)
    if (near.length > best.length) best = near
  }
  if (best.length < fewest) return undefined
  return best.sort((a, b) => a - b)[best.length >> 1]
}
