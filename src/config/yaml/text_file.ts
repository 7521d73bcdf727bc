import { decodeText, markedEncoding, readBoundedFile } from '../../runtime/bounded_file.ts'

/** Reads the text of a file, or says in one clause why there is none. */
export type ReadText = (path: string) => Promise<{ readonly text: string } | { readonly why: string }>

/** Ten thousand farms of ten targets take 5.3 MB; parsing much more would stall the process. */
const mostBytes = 8 * 1024 * 1024

/** Reads a text of at most 8 MiB, or `most` bytes, in UTF-8, or in UTF-16 with a byte order mark. Never rejects. */
export async function readTextFile(path: string, most = mostBytes): ReturnType<ReadText> {
  const result = await readBoundedFile(path, most)
  if ('why' in result) return { why: result.why }
  return decodeText(result.bytes, markedEncoding(result.bytes) ?? 'utf-8')
}
