/** The files of the page, read once: a page that is served is one page, also while its files change on disk. */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Context } from 'hono'
import { acceptsGzip } from './accepts_gzip.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

interface PageFile {
  readonly type: string
  readonly plain: Buffer
  /** Made when it is asked for first. */
  gzipped?: Buffer
}

/** By the path under which each is served. */
export type PageFiles = ReadonlyMap<string, PageFile>

/** @throws Error when the installation is not whole */
export function readPageFiles(): PageFiles {
  const folder = new URL('./page/', import.meta.url)
  const own = readdirSync(folder)
    .filter((name) => extname(name) in types)
    .map(
      (name) =>
        [name === 'index.html' ? '/' : `/assets/${name}`, fileURLToPath(new URL(name, folder))] as const,
    )
  const require = createRequire(import.meta.url)
  const charts = [
    ['/assets/uPlot.esm.js', require.resolve('uplot/dist/uPlot.esm.js')],
    ['/assets/uPlot.min.css', require.resolve('uplot/dist/uPlot.min.css')],
  ] as const
  return new Map([...own, ...charts].map(([path, file]) => [path, readPageFile(file)]))
}

const readPageFile = (file: string): PageFile => ({
  type: types[extname(file)] ?? 'text/plain',
  plain: readFileSync(file),
})

/** Sends a file, compressed where the client takes that. */
export function sendPageFile(c: Context, file: PageFile): Response {
  const { type, plain } = file
  const gzip = acceptsGzip(c.req.header('Accept-Encoding'))
  const headers = {
    'Content-Type': type,
    Vary: 'Accept-Encoding',
    ...(gzip && { 'Content-Encoding': 'gzip' }),
  }
  if (gzip) file.gzipped ??= gzipSync(plain)
  return c.body(new Uint8Array((gzip && file.gzipped) || plain), 200, headers)
}
