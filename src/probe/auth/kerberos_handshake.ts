import type { Farm, WindowsAuth } from '../../model/farm.ts'
import { loadKerberos, useKeytab } from '../../runtime/kerberos_library.ts'
import type { Answer } from '../exchange/answer.ts'
import { type Failure, failures, isFailure } from '../failure.ts'
import type { Handshake } from '../hop.ts'
import { challengesOf, schemesText } from './challenges.ts'

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
    const spn = `HTTP/${hostname}`
    let client: Awaited<ReturnType<typeof initializeClient>> | undefined
    const step = (challenge: string) =>
      inTurn(async () => {
        try {
          client ??= await initializeClient(`HTTP@${hostname}`, { principal, mechOID })
          return { token: (await client.step(challenge)) ?? '' }
        } catch (error) {
          const { message } = error as Error
          return challenge === ''
            ? failures.noTicket(principal, spn, message)
            : failures.ticketRefused(principal, spn, message)
        }
      })
    let answer: Answer | undefined
    for (let challenge = '', left = mostSteps; ; left--) {
      const ours = await token(() => step(challenge))
      if (isFailure(ours)) {
        if (answer === undefined) return ours
        refuse(ours)
        return answer
      }
      const next = await ask(`Negotiate ${ours.token}`)
      if (isFailure(next) || next.status !== 401) return next
      const asked = challengesOf(next)
      const offer = asked.find(({ scheme }) => scheme === 'negotiate')
      if (offer === undefined || offer.token === '' || left === 0) {
        refuse(
          offer ? failures.ticketRefused(principal, spn) : failures.negotiateNotOffered(schemesText(asked)),
        )
        return next
      }
      // A server may put the reason of its refusal in there.
      challenge = offer.token
      answer = setAside(next)
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
