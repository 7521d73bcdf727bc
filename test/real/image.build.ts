/** The image as the Dockerfile makes it, and its files. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildahIn, commitStandIn, npmSettings } from './image.base.ts'

/** No image with a digest can be made here. */
const standIn = 'localhost/node:stand-in'

/** What the image says of itself. */
interface Config {
  readonly User: string
  readonly WorkingDir: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly StopSignal: string
  readonly Healthcheck: { readonly Test: readonly string[] }
  readonly ExposedPorts: Record<string, unknown>
  readonly Labels: Record<string, string>
}

export interface BuiltImage {
  /** For whatever a test needs beside the image. */
  readonly folder: string
  /** Where the files of the image are. */
  readonly root: string
  readonly config: Config
  /** The user whom it names. */
  readonly uid: number
  /** buildah's own command line, to run something in the image by. */
  readonly buildah: ReturnType<typeof buildahIn>
  readonly container: string
  remove(): void
}

/** Builds it for real, on a stand-in of its base, with these build arguments. */
export function buildImage(buildArguments: Readonly<Record<string, string>>): BuiltImage {
  const folder = mkdtempSync(join(tmpdir(), 'farmprobe-image-'))
  try {
    return builtIn(folder, buildArguments)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function builtIn(folder: string, buildArguments: Readonly<Record<string, string>>): BuiltImage {
  const buildah = buildahIn(folder)
  commitStandIn(buildah.run, standIn, folder)
  const npmrc = join(folder, 'npmrc')
  writeFileSync(npmrc, npmSettings(), { mode: 0o600 })
  // HEALTHCHECK exists in Docker's image format only.
  const build = ['bud', '--pull-never', '--format', 'docker', '--secret', `id=npmrc,src=${npmrc}`]
  const given = Object.entries({ NODE_IMAGE: standIn, ...buildArguments }).flatMap(([name, value]) => [
    '--build-arg',
    `${name}=${value}`,
  ])
  buildah.run(...build, ...given, '--tag', 'farmprobe', '.')
  const inspected = JSON.parse(buildah.run('inspect', '--type', 'image', 'farmprobe')) as {
    Docker: { config: Config }
  }
  const { config } = inspected.Docker
  const container = buildah.run('from', '--pull-never', 'farmprobe')
  const root = buildah.run('mount', container)
  return {
    folder,
    root,
    config,
    uid: Number(config.User.split(':')[0]),
    buildah,
    container,
    remove() {
      buildah.run('umount', container)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
