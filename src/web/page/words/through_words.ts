/** How nodes are reached through the balancer, in sentences. */
import type { FarmNow } from '../state/farms_now.ts'
import type { TargetState } from '../state/page_state.ts'
import { lasting } from './times.ts'

export function throughWords(node: string, { state, sinceMs }: NonNullable<TargetState['through']>): string {
  const since = sinceMs === null ? '' : `, ${lasting(sinceMs)}`
  switch (state) {
    case 'ok':
      return `The balancer reaches ${node} by its cookie.`
    case 'failing':
      return `The balancer does not reach ${node}, which answers by itself${since}.`
    case 'elsewhere':
      return `The balancer sends requests with ${node}'s cookie to another node, though ${node} answers by itself${since}.`
    case 'unknown':
      return `When this page was loaded, no answer of the balancer had shown a cookie of ${node}: it is not asked for through the balancer until one does.`
  }
}

/** What is to be said of a farm's affinity; empty when all is as it should be. */
export function affinityWords({ farm: { affinity }, targets }: FarmNow): string {
  if (affinity === null) return ''
  if (!affinity.named)
    return `Nothing in the answers says which node a cookie ${affinity.cookie} leads to: the nodes behind them are only numbered, until served_by or identity is configured.`
  const cutOff = targets.filter(({ through }) => through?.state === 'failing').map(({ target }) => target)
  return cutOff.length === 0 ? '' : `The balancer does not reach ${cutOff.join(', ')}.`
}
