import { randomBytes } from 'node:crypto'
import type { WindowsAuth } from '../../model/farm.ts'
import type { Answer } from '../exchange/answer.ts'
import { failures, isFailure } from '../failure.ts'
import type { Handshake } from '../hop.ts'
import { challengesOf, schemesText } from './challenges.ts'
import { authenticateMessage, type NtlmChallenge, negotiateMessage, readChallenge } from './ntlm_messages.ts'

type Ntlm = Extract<WindowsAuth, { by: 'ntlm' }>

/** So often a refused handshake is begun again, to see whether one connection leads to several servers. */
const comparisons = 2

/**
 * NTLM on one connection: the request is sent with the first message and, when a challenge comes, again with the answer to
 * it. A server that asks for nothing answers at once. `behindBalancer`: one connection may lead to several servers.
 */
export const ntlmHandshake =
  (user: Ntlm, hostname: string, behindBalancer: boolean): Handshake =>
  async ({ ask, clock, connection, refuse, setAside }) => {
    const opening = negotiateMessage().toString('base64')
    let scheme = 'NTLM'
    const open = async () => {
      const answer = await ask(`${scheme} ${opening}`)
      return isFailure(answer) || answer.status !== 401 ? answer : setAside(answer)
    }
    let first = await open()
    // IIS takes the messages of NTLM under Negotiate too, and may offer no other scheme.
    if (!isFailure(first) && first.status === 401 && !offers(first, 'ntlm') && offers(first, 'negotiate')) {
      scheme = 'Negotiate'
      first = await open()
    }
    if (isFailure(first) || first.status !== 401) return first
    const challenge = challengeIn(first, scheme)
    if (challenge === undefined) {
      const offered = challengesOf(first)
      refuse(failures.noNtlmChallenge(offers(first, 'ntlm'), schemesText(offered)))
      return first
    }
    const message = authenticateMessage(user, challenge, {
      nowMs: clock.wallMs(),
      nonce: randomBytes(8),
      service: `HTTP/${hostname}`,
      endPoint: connection.endPoint,
    })
    const last = await ask(`${scheme} ${message.toString('base64')}`)
    if (isFailure(last) || last.status !== 401) return last
    const computers = new Set([challenge.computer])
    for (let left = behindBalancer ? comparisons : 0; left > 0 && computers.size === 1; left--) {
      const again = connection.socket.destroyed ? undefined : await open()
      const seen = again && !isFailure(again) ? challengeIn(again, scheme) : undefined
      if (seen === undefined) break
      computers.add(seen.computer)
    }
    refuse(
      computers.size > 1
        ? failures.handshakeSpread([...computers])
        : failures.ntlmRefused(challenge.computer, behindBalancer),
    )
    return last
  }

const offers = (answer: Answer, scheme: string) =>
  challengesOf(answer).some((each) => each.scheme === scheme.toLowerCase())

function challengeIn(answer: Answer, scheme: string): NtlmChallenge | undefined {
  const found = challengesOf(answer).find((each) => each.scheme === scheme.toLowerCase() && each.token !== '')
  return found && readChallenge(Buffer.from(found.token, 'base64'))
}
