/** Addresses of 127.0.0.0/8 for one farm: its nodes share a port and have an address each. */
import { once } from 'node:events'
import { createServer } from 'node:net'

export interface FarmAddresses {
  readonly port: number
  readonly balancer: string
  node(index: number): string
  /** The address of the proxy in front of an address, for farms with network trouble. */
  through(address: string): string
}

/** Below the kernel's range for outgoing connections, above the ports of services. */
const ports = { lowest: 20_000, highest: 32_000 }
const mostNodes = 6
const throughBy = 100

const given = new Set<string>()

/** Takes a block of addresses without listeners. */
export async function takeAddresses(): Promise<FarmAddresses> {
  for (;;) {
    const block = `127.${between(16, 240)}.${between(1, 250)}`
    if (given.has(block)) continue
    const port = between(ports.lowest, ports.highest)
    const balancer = `${block}.1`
    const node = (index: number) => `${block}.${11 + index}`
    const all = [balancer, ...Array.from({ length: mostNodes }, (_, index) => node(index))]
    const free = await Promise.all(all.map((host) => canListen(host, port)))
    if (!free.every(Boolean)) continue
    given.add(block)
    return { port, balancer, node, through }
  }
}

function through(address: string): string {
  const parts = address.split('.')
  return [...parts.slice(0, 3), Number(parts[3]) + throughBy].join('.')
}

const between = (low: number, high: number): number => low + Math.floor(Math.random() * (high - low))

async function canListen(host: string, port: number): Promise<boolean> {
  const server = createServer()
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
