/** A condition on a text: every part that is given must hold, each by any one of its values. */
export interface Pattern {
  readonly is?: readonly string[]
  readonly starts?: readonly string[]
  readonly has?: readonly string[]
}

/** A code that a page shows. */
export interface Detail {
  /** The text right before it. */
  readonly after: string
  /** By the code, as far as it follows that text; the longest that fits is the one. */
  readonly codes: Readonly<Record<string, string>>
}

/** One kind of error answer, and the product that generates it. */
export interface ErrorPage {
  /** The value of the `origin` label. */
  readonly who: string
  /** The product as people call it. */
  readonly product: string
  /** What it tells an operator, for each status that it has: a clause that goes on after the product's name. */
  readonly tells: Readonly<Record<number, string>>
  /** What it tells when a node answers so itself, where that is something else. */
  readonly onNode?: string
  /** What the page says besides: what follows a text in it, and what each such code means. */
  readonly details?: readonly Detail[]
  /** How it is known: from the product's source, its documentation, an answer seen in public, or memory alone. */
  readonly evidence: 'source' | 'docs' | 'capture' | 'recall'
  readonly statusText?: Pattern
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, Pattern | 'absent'>>
  /** Of the body without the blanks around it. */
  readonly body?: Pattern
  readonly notBody?: Pattern
}

/** Tells the same, whatever the status. */
export const forEach = (status: readonly number[], tells: string): ErrorPage['tells'] =>
  Object.fromEntries(status.map((code) => [code, tells]))

export const is = (...values: string[]): Pattern => ({ is: values })

export const starts = (...values: string[]): Pattern => ({ starts: values })

export const has = (...values: string[]): Pattern => ({ has: values })

/** The header is there, whatever it says. */
export const present: Pattern = {}
