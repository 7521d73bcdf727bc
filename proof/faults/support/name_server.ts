/** A name server that answers questions for IPv4 addresses as it is told to, rightly or not. */
import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'

/** What it does with a question: the addresses, a code of failure, silence, or bytes of its own. */
type Answer = readonly string[] | 'NXDOMAIN' | 'SERVFAIL' | 'silence' | Buffer

export interface NameServer extends AsyncDisposable {
  readonly address: string
  /** From now on; `index` counts questions since then. */
  answer(how: How, delayMs?: number): void
}

type How = (name: string, index: number) => Answer

const unknown: How = () => 'NXDOMAIN'

/** Resolvers ask port 53 only: each server has an address of its own. */
let given = 0

export async function startNameServer(): Promise<NameServer> {
  given += 1
  const address = `127.53.${process.pid % 250}.${given}`
  const socket = createSocket('udp4')
  let how = unknown
  let delayMs = 0
  let questions = 0
  const delayed = new Set<NodeJS.Timeout>()

  socket.on('message', (question: Buffer, from: RemoteInfo) => {
    const answer = how(nameIn(question), questions)
    questions += 1
    const reply = replyTo(question, answer)
    if (reply === undefined) return
    const timer = setTimeout(() => {
      delayed.delete(timer)
      socket.send(reply, from.port, from.address)
    }, delayMs)
    delayed.add(timer)
  })
  socket.bind(53, address)
  await once(socket, 'listening')
  return {
    address,
    answer(next, afterMs = 0) {
      how = next
      delayMs = afterMs
      questions = 0
    },
    async [Symbol.asyncDispose]() {
      for (const timer of delayed) clearTimeout(timer)
      const closed = once(socket, 'close')
      socket.close()
      await closed
    },
  }
}

const headerBytes = 12
const codes = { NXDOMAIN: 3, SERVFAIL: 2 } as const

function nameIn(question: Buffer): string {
  const labels: string[] = []
  for (let at = headerBytes; (question[at] ?? 0) > 0; at += (question[at] ?? 0) + 1)
    labels.push(question.subarray(at + 1, at + 1 + (question[at] ?? 0)).toString('latin1'))
  return labels.join('.')
}

/** RFC 1035, section 4. A question for IPv6 addresses gets the same code and no address. */
function replyTo(question: Buffer, answer: Answer): Buffer | undefined {
  if (answer === 'silence') return undefined
  if (Buffer.isBuffer(answer)) return answer
  const end = question.indexOf(0, headerBytes) + 5
  const asked = question.subarray(headerBytes, end)
  const isIPv4 = asked.readUInt16BE(asked.length - 4) === 1
  const addresses = typeof answer === 'string' || !isIPv4 ? [] : answer
  const header = Buffer.alloc(headerBytes)
  question.copy(header, 0, 0, 2)
  header.writeUInt16BE(0x8180 | (typeof answer === 'string' ? codes[answer] : 0), 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(addresses.length, 6)
  const records = addresses.map((address) =>
    // The name as a pointer to the question's, type A, class IN, no time to live, four bytes.
    Buffer.from([0xc0, headerBytes, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  )
  return Buffer.concat([header, asked, ...records])
}
