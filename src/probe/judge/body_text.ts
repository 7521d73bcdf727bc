import type { Answer } from '../exchange/answer.ts'
import { valuesOf } from '../exchange/header.ts'

/** A body as text, in the charset that its Content-Type names; in UTF-8 where it names none or an unknown one. */
export function textOf(body: Buffer, headers: Answer['headers']): string {
  const [contentType = ''] = valuesOf(headers, 'content-type')
  const charset = /charset\s*=\s*"?([\w-]{1,40})/i.exec(contentType)?.[1]?.toLowerCase()
  if (charset === undefined || charset === 'utf-8' || charset === 'us-ascii') return body.toString('utf8')
  try {
    return new TextDecoder(charset).decode(body)
  } catch {
    return body.toString('utf8')
  }
}
