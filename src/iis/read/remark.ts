import { type Place, placeText } from '../../model/place.ts'

/** What a person should know about one place of a configuration. Holds no secret. */
export interface Remark {
  readonly place: Place
  readonly message: string
  /** IIS reads another file, so that this one does not matter. */
  readonly notInForce?: true
}

export const remarkText = ({ place, message }: Remark): string => `${placeText(place)}: ${message}`

const longest = 120

/**
 * A value of a configuration as a message may show it: what IIS has encrypted stays hidden, control characters cannot
 * move a cursor or end a comment, and nothing is endless.
 */
export function printable(value: string): string {
  const hidden = /\[enc:/i.test(value) ? '[encrypted]' : value
  const plain = hidden.slice(0, longest + 1).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?')
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain
}

/** The value in quotes, printable; the backslashes of Windows stay single. */
export const quoted = (value: string): string => `"${printable(value)}"`
