import type { Recording } from './recording.ts'

/** Headers by which the zoo's applications show their worker and node. */
const shown = new Set(['x-worker', 'x-node'])

/**
 * The same run as a farm whose application shows no worker and whose balancer is not asked for the node. Slots, sweeps and
 * the overlap of probes are the same. Bursts may differ: recycles that are found keep cold starts out of what the prober
 * takes for usual, and with identity more are found.
 */
export function withoutIdentity(recording: Recording): Recording {
  const { config, probes } = recording
  const { farms, ...rest } = config as { readonly farms: readonly object[] }
  return {
    ...recording,
    identity: false,
    config: { ...rest, farms: farms.map((farm) => ({ ...farm, identity: undefined, served_by: undefined })) },
    probes: probes.map(({ outcome, ...probe }) => {
      const { identity: _, servedBy: __, evidence, ...unnamed } = outcome
      if (evidence === undefined) return { ...probe, outcome: unnamed }
      const headers = evidence.headers.filter(([name]) => !shown.has(name.toLowerCase()))
      return { ...probe, outcome: { ...unnamed, evidence: { ...evidence, headers } } }
    }),
  }
}
