export type Header = readonly [name: string, value: string]

/** The values of a header, in order, whatever the case of its name. */
export function valuesOf(headers: readonly Header[], name: string): string[] {
  const wanted = name.toLowerCase()
  const values: string[] = []
  for (const [key, value] of headers)
    if (key.length === wanted.length && key.toLowerCase() === wanted) values.push(value)
  return values
}
