import type { Edge } from '../../../src/cli/process_edge.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { quietLog } from '../quiet_log.ts'

export interface CapturedEdge {
  readonly edge: Edge
  readonly stdout: () => string
  readonly stderr: () => string
}

/** The edge of a process whose output is kept; a terminal when asked for. */
export function capturedEdge({ isTTY = false }: { readonly isTTY?: boolean } = {}): CapturedEdge {
  const [out, errors]: [string[], string[]] = [[], []]
  return {
    stdout: () => out.join(''),
    stderr: () => errors.join(''),
    edge: {
      stdout: { write: (text) => out.push(text), isTTY },
      stderr: { write: (text) => errors.push(text), isTTY },
      env: {},
      clock: systemClock,
      log: quietLog().log,
      signals: { on: () => undefined, off: () => undefined },
      platform: 'linux',
    },
  }
}
