/**
 * The files of the page and the paths under which they are served. The page is written in TypeScript and served without
 * a build: a browser gets each module with its types stripped. All files are read once, at start, so that what is served
 * is one page even while the files change on disk.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { extname } from 'node:path'
import { dirname, relative } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Context } from 'hono'
import { acceptsEncoding } from '../runtime/accepts_encoding.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Modules that the page imports from packages, by the name under which it imports them; their licences are beside them. */
const packageModules: Readonly<Record<string, string>> = {
  htm: 'htm',
  preact: 'preact',
  'preact/hooks': 'preact/hooks',
  uplot: 'uplot/dist/uPlot.esm.js',
}

/** By the path under which each is served. */
export type PageFiles = ReadonlyMap<string, PageFile>

/** @throws Error when the installation is not complete */
export function readPageFiles(): PageFiles {
  const folder = new URL('./page/', import.meta.url)
  const own = readdirSync(folder, { recursive: true })
    .map((name) => String(name).replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts') || extname(name) in types)
    .map((name) => [ownPath(name), new URL(name, folder)] as const)
  const files = import.meta.url.endsWith('.ts') ? [...own, ...packageFiles()] : own
  return new Map(files.map(([path, file]) => [path, readPageFile(path, fileURLToPath(file))]))
}

/** What a build has in its own folder of the page. */
function packageFiles() {
  const modules = Object.entries(packageModules).map(
    ([name, file]) => [packagePath(name), new URL(import.meta.resolve(file))] as const,
  )
  const chartStyle = new URL(import.meta.resolve('uplot/dist/uPlot.min.css'))
  return [...modules, ['/assets/packages/uplot.css', chartStyle] as const]
}

const ownPath = (name: string) => (name === 'index.html' ? '/' : `/assets/${name.replace(/\.ts$/, '.js')}`)

const packagePath = (name: string) => `/assets/packages/${name}.js`

type PageFile = ReturnType<typeof readPageFile>

function readPageFile(path: string, file: string) {
  const text = readFileSync(file, 'utf8')
  const type = types[path === '/' ? '.html' : extname(path)] ?? 'text/plain'
  // Both are made when they are first asked for: stripping the types takes about 2 ms a module.
  const plain = once(() => Buffer.from(path.endsWith('.js') ? moduleForBrowser(text, file, path) : text))
  return { type, plain, gzipped: once(() => gzipSync(plain())) }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

/** The module without types, its imports relative to it: a reverse proxy may serve the page below a path. */
function moduleForBrowser(text: string, file: string, path: string): string {
  const packageFrom = (name: string) => `./${relative(dirname(path), packagePath(name))}`
  const javascript = file.endsWith('.ts') ? stripTypes(text) : text
  return javascript.replace(
    /(\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'\n]+)\2/g,
    (_, keyword: string, quote: string, name: string) =>
      `${keyword}${quote}${name in packageModules ? packageFrom(name) : name.replace(/^(\..*)\.ts$/, '$1.js')}${quote}`,
  )
}

/** Node 24 warns that the function is experimental; what runs this program strips types in the same way. */
function stripTypes(text: string): string {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return stripTypeScriptTypes(text)
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Sends a file, compressed where the client takes that. */
export function sendPageFile(c: Context, { type, plain, gzipped }: PageFile): Response {
  const gzip = acceptsEncoding(c.req.header('Accept-Encoding') ?? '', 'gzip')
  const headers = {
    'Content-Type': type,
    Vary: 'Accept-Encoding',
    ...(gzip && { 'Content-Encoding': 'gzip' }),
  }
  return c.body(new Uint8Array(gzip ? gzipped() : plain()), 200, headers)
}
