/** A place in a file that a person wrote. */
export interface Place {
  readonly file: string
  /** From 1; 0 when the file as a whole is meant. */
  readonly line: number
  /** From 1; 0 when the file as a whole is meant. */
  readonly column: number
}

export const wholeFile = (file: string): Place => ({ file, line: 0, column: 0 })

/** `file:line:column`, which editors and terminals make a link of. */
export const placeText = ({ file, line, column }: Place): string =>
  line === 0 ? file : `${file}:${line}:${column}`
