import type { Farm, WindowsAuth } from '../../model/farm.ts'
import { loadKerberos, useKeytab } from '../../runtime/kerberos_library.ts'
import { type Failure, failures, isFailure } from '../failure.ts'
import type { Handshake } from '../hop.ts'
import { challengesOf } from './challenges.ts'

type Negotiate = Extract<WindowsAuth, { by: 'negotiate' }>

/** A server that asks for more is not satisfied by Kerberos. */
const mostSteps = 4

/**
 * Kerberos by SPNEGO (RFC 4559): the request is sent with a ticket for `HTTP` on the site's name. To fetch one, when none is
 * at hand, may take a while, which is part of the handshake.
 */
export const kerberosHandshake =
  ({ principal }: Negotiate, hostname: string): Handshake =>
  async ({ ask, refuse, setAside, token }) => {
    const { initializeClient, GSS_MECH_OID_SPNEGO: mechOID } = await loadKerberos()
    const service = `HTTP@${hostname}`
    let client: Awaited<ReturnType<typeof initializeClient>> | undefined
    const step = (challenge: string) =>
      token(() =>
        inTurn(async () => {
          try {
            client ??= await initializeClient(service, { principal, mechOID })
            return { token: (await client.step(challenge)) ?? '' }
          } catch (error) {
            return failures.noTicket(principal, `HTTP/${hostname}`, (error as Error).message)
          }
        }),
      )
    let challenge = ''
    for (let left = mostSteps; ; left--) {
      const ours = await step(challenge)
      if (isFailure(ours)) return ours
      const answer = await ask(`Negotiate ${ours.token}`)
      if (isFailure(answer) || answer.status !== 401) return answer
      const offered = challengesOf(answer)
      challenge = offered.find(({ scheme }) => scheme === 'negotiate')?.token ?? ''
      if (challenge === '' || left === 0) {
        refuse(
          failures.ticketRefused(
            principal,
            `HTTP/${hostname}`,
            offered.some(({ scheme }) => scheme === 'negotiate'),
          ),
        )
        return answer
      }
      setAside(answer)
    }
  }

let turn: Promise<unknown> = Promise.resolve()

/** Fetching a ticket may hold one of the few threads that look up names, too, for as long as the KDC is silent. */
function inTurn<T extends { readonly token: string } | Failure>(work: () => Promise<T>): Promise<T> {
  const mine = turn.then(work)
  turn = mine
  return mine
}

/** Has Kerberos use the keytab that the checks of these farms name; in the main thread, before they are probed. */
export function useKeytabs(farms: readonly Farm[]): void {
  for (const { windowsAuth } of farms.flatMap(({ checks }) => checks))
    if (windowsAuth?.by === 'negotiate') return useKeytab(windowsAuth.keytab)
}
