/** Where something stands in a file: line and column from 1, or 0 when the file as a whole is meant. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** What a person should know about one place of a configuration. Holds no secret. */
export interface Remark {
  readonly place: Place
  readonly message: string
  /** IIS reads another file, so that this one does not matter. */
  readonly notInForce?: true
}

/** The file as a whole. */
export const wholeFile = (file: string): Place => ({ file, line: 0, column: 0 })

/** `file:line:column`, as editors and terminals make a link of. */
export const placeText = ({ file, line, column }: Place): string =>
  line === 0 ? file : `${file}:${line}:${column}`

export const remarkText = ({ place, message }: Remark): string => `${placeText(place)}: ${message}`
