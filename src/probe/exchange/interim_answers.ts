const lastDigit = 11
const two = 0x32

/**
 * Takes the 100 Continue out of what is about to be read, from the start of an answer on: it becomes 102 Processing,
 * in place. Any server may send it, asked or not (RFC 9110, 15.2), and a client passes over it; but undici, which
 * passes over every other interim answer, takes this one for an error.
 */
export function passOverContinue(chunk: Buffer): void {
  let at = 0
  do {
    const start = chunk.toString('latin1', at, at + lastDigit + 1)
    if (!start.startsWith('HTTP/1.1 1')) return
    if (start.endsWith('100')) chunk[at + lastDigit] = two
    at = chunk.indexOf('\r\n\r\n', at) + 4
  } while (at > 3)
}
