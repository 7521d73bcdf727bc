import { printable } from './printable.ts'

const whyByCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it broke off the connection',
  UND_ERR_SOCKET: 'it broke off the connection',
  ENOTFOUND: 'there is no such name',
  EHOSTUNREACH: 'it cannot be reached',
  ENETUNREACH: 'it cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'it cannot be reached in time',
  UND_ERR_HEADERS_OVERFLOW: 'its headers are too long',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'its answer was cut off',
}

/**
 * Why undici got no answer, as one sentence without a full stop. Parts of an error may come from the other side: no more
 * of it than fits in a sentence.
 */
export function whyNoAnswer(error: unknown): string {
  const { name, code = '', message } = error as NodeJS.ErrnoException
  if (name === 'HTTPParserError') return 'it does not speak HTTP'
  return whyByCode[code] ?? printable(message).slice(0, 200)
}
