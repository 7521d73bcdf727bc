/** Whether an Accept-Encoding header accepts a coding: by name before `*`, and with a weight above 0. */
export function acceptsEncoding(header: string, coding: string): boolean {
  const weights = new Map<string, number>()
  for (const part of header.split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase())
    const [, weight = '1'] = parameters.map((text) => /^q\s*=\s*([\d.]+)$/.exec(text)).find(Boolean) ?? []
    if (!weights.has(name)) weights.set(name, Number(weight))
  }
  return (weights.get(coding) ?? weights.get('*') ?? 0) > 0
}
