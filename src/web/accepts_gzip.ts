/** Whether an Accept-Encoding header takes gzip: named with a quality above 0, or covered by `*`. */
export function acceptsGzip(header: string | undefined): boolean {
  const of = new Map((header ?? '').split(',').map(codingQuality))
  return (of.get('gzip') ?? of.get('*') ?? 0) > 0
}

function codingQuality(part: string): [coding: string, quality: number] {
  const [coding = '', ...parameters] = part.toLowerCase().split(';')
  const quality = parameters.map((text) => /^\s*q\s*=\s*([\d.]+)\s*$/.exec(text)?.[1]).find(Boolean)
  return [coding.trim(), quality === undefined ? 1 : Number(quality)]
}
