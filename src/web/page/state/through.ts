/** How a node is reached through the balancer, after an event of it. */
import type { LinkChange } from '../../../model/link.ts'
import type { Answer } from './api_client.ts'

type Standing = Pick<Answer<'farms'>['farms'][number]['targets'][number], 'through'>

export const throughAfter = (
  { through }: Standing,
  { state, atMs }: Pick<LinkChange, 'state'> & { readonly atMs: number },
): Standing => ({ through: through && { ...through, state, sinceMs: state === 'ok' ? null : atMs } })
