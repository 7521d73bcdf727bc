/**
 * Builds what is shipped into `dist`: farmprobe and its libraries, with a file for each thread and for what several
 * share, the page ready to be served, and the licences of what is inside. A checkout runs the sources and needs none of it.
 */
import { cp, glob, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type OutputChunk, type OutputOptions, type Plugin, build as rolldown } from 'rolldown'
import { licences } from './lock_file.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const page = join(root, 'src/web/page')

/**
 * Writes the build into a folder, which is emptied first.
 *
 * @throws Error when a module cannot be resolved, or a package inside has a licence that is not allowed
 */
export async function build(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const chunks = [...(await buildProgram(folder)), ...(await buildPage(join(folder, 'page')))]
  const inside = await packagesIn(chunks)
  await writeFile(join(folder, 'LICENSES.txt'), await licencesOf(inside))
  await writeFile(join(folder, 'sbom.cdx.json'), `${JSON.stringify(await billOf(inside), null, 2)}\n`)
}

/** Each thread is one file; the main thread's verbs and what they share are files that are read when they are asked for. */
async function buildProgram(folder: string): Promise<readonly OutputChunk[]> {
  const threads = await Array.fromAsync(glob('src/**/*_entry.ts', { cwd: root }))
  const plugins = [builtEntries(new Set(threads.map((path) => basename(path)))), ownModulesOfNode]
  const names = { entryFileNames: '[name].js', chunkFileNames: 'part-[hash].js' }
  // V8 keeps a text of ASCII in half the memory.
  const common = {
    minify: true,
    charset: 'ascii',
    sourcemap: true,
    sourcemapExcludeSources: true,
    ...names,
  } as const
  const buildOne = async (
    name: string,
    path: string,
    split: Pick<OutputOptions, 'codeSplitting' | 'strictExecutionOrder'>,
  ) => {
    const output = { dir: folder, ...split, ...common }
    return rolldown({ cwd: root, input: { [name]: path }, platform: 'node', plugins, output })
  }
  const built = [
    await buildOne('farmprobe', 'src/main.ts', {
      codeSplitting: {
        groups: [
          // What the first file needs is not in one with what it does not need.
          { name: 'part', test: /src[\\/]runtime[\\/]thread_ahead\.ts$/, priority: 1 },
          { name: 'part', minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: 150_000 },
        ],
      },
      // Otherwise modules that were merged can run before those that they need.
      strictExecutionOrder: true,
    }),
  ]
  for (const path of threads)
    built.push(await buildOne(basename(path, '.ts'), path, { codeSplitting: false }))
  return built.flatMap(({ output }) => output.filter((file) => file.type === 'chunk'))
}

/** Threads are started by the address of their file, which is `.js` in a build. */
const builtEntries = (entries: ReadonlySet<string>): Plugin => ({
  name: 'entries',
  transform(code, id) {
    if (!id.startsWith(join(root, 'src/'))) return undefined
    const built = code.replaceAll(
      /(?<=new URL\('\.\/)(?:\w+\/)*(\w+)\.ts(?=', import\.meta\.url\))/g,
      (file, name: string) => {
        if (!entries.has(basename(file)))
          throw new Error(`${id}: ${file} is read at run time, and no thread's entry`)
        return `${name}.js`
      },
    )
    // No letter has moved, so the source map stays right.
    return { code: built, map: null }
  },
})

/**
 * Of Node's own modules, only what is used is touched: an `import` reads every export of one, and among those of
 * `node:http` is `WebSocket`, with which the whole of undici is loaded.
 */
const ownModulesOfNode: Plugin = {
  name: 'own modules of Node',
  renderChunk: (code) => ({
    code: code.replaceAll(
      /^import (?:(?:\* as )?([\w$]+)(?:, )?)?(?:\{ ([^}]+) \})? ?from "([^"]+)";$/gm,
      (line, whole: string | undefined, names: string | undefined, id: string) => {
        if (!isBuiltin(id) || id === 'node:module') return line
        const parts = [whole, names && `{ ${names.replaceAll(/(\w+) as /g, '$1: ')} }`]
        const module = `globalThis.process.getBuiltinModule("${id}")`
        return parts.flatMap((part) => (part ? [`const ${part} = ${module};`] : [])).join(' ')
      },
    ),
    // No line has moved, so the source map stays right.
    map: null,
  }),
}

/** The page in few files: one for its styles, in the order in which it names them, and its code. */
async function buildPage(folder: string): Promise<readonly OutputChunk[]> {
  const { output } = await rolldown({
    cwd: root,
    input: join(page, 'page.ts'),
    platform: 'browser',
    output: { dir: folder, minify: true },
  })
  const html = await readFile(join(page, 'index.html'), 'utf8')
  const link = /<link rel="stylesheet" href="assets\/([^"]+)">\n/g
  const styles = Array.from(html.matchAll(link), ([, path = '']) =>
    readFile(
      path.startsWith('packages/') ? join(root, 'node_modules/uplot/dist/uPlot.min.css') : join(page, path),
      'utf8',
    ),
  )
  await writeFile(join(folder, 'page.css'), (await Promise.all(styles)).join('\n'))
  const oneLink = '<link rel="stylesheet" href="assets/page.css">\n</head>'
  await writeFile(join(folder, 'index.html'), html.replaceAll(link, '').replace('</head>', oneLink))
  for await (const path of glob('**/*.svg', { cwd: page })) await cp(join(page, path), join(folder, path))
  return output.filter((file) => file.type === 'chunk')
}

interface Package {
  readonly folder: string
  readonly name: string
  readonly version: string
  readonly license: string
}

const packageIn = async (folder: string): Promise<Package> => ({
  ...(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Omit<Package, 'folder'>),
  folder,
})

/** The packages whose modules are in the chunks. */
async function packagesIn(chunks: readonly OutputChunk[]): Promise<readonly Package[]> {
  const folders = chunks
    .flatMap(({ moduleIds }) => moduleIds)
    .flatMap((id) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(id) ?? [])
  return Promise.all([...new Set(folders)].toSorted().map(packageIn))
}

async function licencesOf(packages: readonly Package[]): Promise<string> {
  const texts = packages.map(async ({ folder, name, version, license }) => {
    if (!licences.has(license)) throw new Error(`the licence of ${name} is ${license}`)
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry))
    const text = file === undefined ? '' : `\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`
    return `${name} ${version} (${license})\n${text}`
  })
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)
}

/** The bill of materials, as CycloneDX 1.6 wants it: nothing else names what has become part of a bundle. */
async function billOf(packages: readonly Package[]) {
  const component = (type: string, { name, version, license }: Package) => ({
    type,
    name,
    version,
    licenses: [{ license: { id: license } }],
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  })
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component('application', await packageIn(root)) },
    components: packages.map((each) => component('library', each)),
  }
}

if (import.meta.main) {
  const folder = join(root, 'dist')
  await build(folder)
  process.stdout.write(`built ${folder}\n`)
}
