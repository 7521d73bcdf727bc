import { type Place, placeText } from '../../model/place.ts'
import { printable as escaped } from '../../runtime/printable.ts'

/** Something a person should know about a place in a configuration. Contains no secret. */
export interface Remark {
  readonly place: Place
  readonly message: string
  /** IIS reads another file instead of this one. */
  readonly notInForce?: true
}

export const remarkText = ({ place, message }: Remark): string => `${placeText(place)}: ${message}`

const longest = 120

/**
 * A value of a configuration as messages show it: encrypted values are hidden, control characters, which could move a
 * cursor or end a comment, are replaced, and long values are cut.
 */
export function printable(value: string): string {
  const hidden = /\[enc:/i.test(value) ? '[encrypted]' : value
  const plain = escaped(hidden.slice(0, longest + 1))
  return plain.length > longest ? `${plain.slice(0, longest)}…` : plain
}

/** The value in quotes, printable; the backslashes of Windows stay single. */
export const quoted = (value: string): string => `"${printable(value)}"`
