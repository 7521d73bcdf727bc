/** Deploys: the nodes of a farm recycle one after another. */
import type { Detector, Emit } from '../detector.ts'
import { createMemory } from '../memories.ts'
import { fieldsOf, flag, listOf, type Of, text, time } from '../shape.ts'
import type { Habits } from './habits.ts'

/** Longest pause between two nodes of one deploy, in milliseconds. */
const pauseMs = 10 * 60_000
/** Nodes that recycle closer together than this do so for a common reason, but not in turn. */
const inTurnMs = 2000

const deployState = fieldsOf({
  /** The recycles of the round so far, the oldest first, one of each node. */
  round: listOf(fieldsOf({ target: text, atMs: time })),
  reported: flag,
})

type DeployState = Of<typeof deployState>
type Turn = DeployState['round'][number]

export function createDeploys(emit: Emit, habits: Habits): Detector {
  const memory = createMemory(deployState)
  let nodeCount = 0
  return {
    ...memory,
    setFarm({ farm }) {
      nodeCount = farm.nodes.length
    },
    onEvent(event) {
      if (event.kind !== 'recycle' || habits.wasDue(event.target)) return
      const { round, reported } = withRecycle(memory.state, event)
      const isDeploy = !reported && round.length >= nodeCount && isInTurn(round)
      memory.state = { round, reported: reported || isDeploy }
      const [first = event] = round
      if (isDeploy) emit({ kind: 'deploy', atMs: first.atMs, targets: round.map(({ target }) => target) })
    },
  }
}

/** A node's second recycle, or one long after the last, begins a new round. */
function withRecycle({ round, reported }: DeployState, { target, atMs }: Turn): DeployState {
  const newest = round.at(-1)
  const goesOn =
    newest !== undefined && atMs - newest.atMs <= pauseMs && round.every((each) => each.target !== target)
  if (!goesOn) return { round: [{ target, atMs }], reported: false }
  return { round: [...round, { target, atMs }].sort((a, b) => a.atMs - b.atMs), reported }
}

const isInTurn = (round: readonly Turn[]): boolean =>
  (round.at(-1)?.atMs ?? 0) - (round[0]?.atMs ?? 0) > inTurnMs * (round.length - 1)
