/** A deploy: nodes of a farm recycle one after another. */

/** Longest pause between two nodes of one deploy, in milliseconds. */
const pauseMs = 10 * 60_000
/** Nodes that recycle closer together than this do so for a common reason, but not in turn. */
const inTurnMs = 2000

export interface DeployState {
  /** The recycles of the round so far, the oldest first, one of each node. */
  round: { readonly target: string; readonly atMs: number }[]
  told: boolean
}

export const createDeploy = (): DeployState => ({ round: [], told: false })

/** Takes in one recycle; tells of a deploy when with it every node has had its turn. */
export function observeDeploy(
  state: DeployState,
  target: string,
  atMs: number,
  nodeCount: number,
): { readonly atMs: number; readonly targets: readonly string[] } | undefined {
  const newest = state.round.at(-1)
  if (
    newest === undefined ||
    atMs - newest.atMs > pauseMs ||
    state.round.some((each) => each.target === target)
  ) {
    state.round = []
    state.told = false
  }
  state.round.push({ target, atMs })
  state.round.sort((a, b) => a.atMs - b.atMs)
  if (state.told || state.round.length < Math.max(2, nodeCount) || !inTurn(state.round)) return undefined
  state.told = true
  return { atMs: (state.round[0] as { atMs: number }).atMs, targets: state.round.map((each) => each.target) }
}

const inTurn = (round: DeployState['round']): boolean =>
  (round.at(-1)?.atMs ?? 0) - (round[0]?.atMs ?? 0) > inTurnMs * (round.length - 1)
