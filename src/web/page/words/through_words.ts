/** How a node is reached through the balancer, in a sentence. */
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
      return `No cookie of ${node} is known yet: no answer of the balancer that set one has named ${node}.`
  }
}
