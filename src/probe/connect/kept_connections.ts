import type { Clock } from '../../runtime/clock.ts'
import type { Connection } from './connection.ts'

/** The idle connections that probes keep for the next probe, at most one for each key. One on which anything comes is destroyed. */
export type KeptConnections = ReturnType<typeof createKeptConnections>

export function createKeptConnections(clock: Clock) {
  const idle = new Map<string, Connection>()
  let wanted: ReadonlySet<string> | undefined

  /** Takes the connection of `key` out of the store, if one is there and still open; the peer is about to close one whose time is over. */
  function take(key: string): Connection | undefined {
    const found = idle.get(key)
    idle.delete(key)
    if (found && clock.monotonicMs() >= found.openUntilMs) found.socket.destroy()
    return found?.socket.destroyed ? undefined : found
  }

  /** Puts a connection in that can carry another request; beside an idle one it is closed. */
  function keep(key: string, connection: Connection): void {
    const { socket } = connection
    if (wanted?.has(key) === false || idle.get(key)?.socket.destroyed === false) socket.destroy()
    else if (!socket.destroyed) idle.set(key, connection)
  }

  /** Closes the idle connections of every other key, and those of other keys that are given back later. */
  function retain(keys: ReadonlySet<string>): void {
    wanted = keys
    for (const [key, { socket }] of idle) {
      if (keys.has(key)) continue
      socket.destroy()
      idle.delete(key)
    }
  }

  return { take, keep, retain }
}
