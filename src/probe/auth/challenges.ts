import { type Answer, valuesOf } from '../exchange/answer.ts'

/** What a 401 asks for: a scheme of authentication in small letters, and the data of a handshake under way. */
export interface Challenge {
  readonly scheme: string
  /** In base64; empty when there is none. */
  readonly token: string
}

/** A text in quotes, also one that never ends: a quote that found no end would be searched for again from each one after it. */
const quotedText = /"(?:[^"\\]|\\.)*(?:"|\\?$)/gs

/** Those of an answer, in its order, whether in one header or several (RFC 9110, section 11.6.1). */
export function challengesOf({ headers }: Pick<Answer, 'headers'>): Challenge[] {
  return valuesOf(headers, 'www-authenticate')
    .flatMap((value) => value.replaceAll(quotedText, '""').split(','))
    .flatMap((part) => {
      const [, scheme, data = ''] = /^([\w-]+)(?:\s+(\S.*))?$/.exec(part.trim()) ?? []
      if (scheme === undefined) return []
      return { scheme: scheme.toLowerCase(), token: /^[\w+/]+=*$/.test(data) ? data : '' }
    })
}

/** The schemes of Windows authentication. */
export const isWindows = ({ scheme }: Challenge): boolean => scheme === 'negotiate' || scheme === 'ntlm'

const written: Readonly<Record<string, string>> = { negotiate: 'Negotiate', ntlm: 'NTLM' }

/** `Negotiate and NTLM`, as a sentence has it. */
export function schemesText(challenges: readonly Challenge[]): string {
  const names = [...new Set(challenges.map(({ scheme }) => written[scheme] ?? scheme))]
  return names.length === 0 ? 'nothing' : names.slice(0, 4).join(' and ')
}
