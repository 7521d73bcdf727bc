import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startPrograms } from '../../../../proof/truth/zoo/run/processes.ts'
import { eventually } from '../../../support/eventually.ts'
import { newestVersion } from '../../../support/processes/binary_path.ts'
import { tempDir } from '../../../support/temp_dir.ts'

/** Processes with this word in their command line. */
const processesOf = (word: string): string[] =>
  readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(word))

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

const node = (script: string, ...args: readonly string[]) => ({
  command: process.execPath,
  args: ['-e', script, ...args],
})

describe('the programs of a farm', () => {
  it('are of the newest version that is installed, where their names have one', async () => {
    await using dir = await tempDir()
    for (const name of ['php-fpm7.4', 'php-fpm8.4', 'php-fpm8.10', 'php-fpm-tool']) await dir.write(name, '')
    expect(newestVersion('php-fpm', ['/no/such/folder', dir.path])).toBe('php-fpm8.10')
    expect(newestVersion('nginx', [dir.path])).toBe('nginx')
  })

  it('end with it, with the processes that they leave behind', async () => {
    await using dir = await tempDir()
    const word = dir.path
    const leave = `
      const { spawn } = require('node:child_process')
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', process.argv[1]], { detached: true }).unref()
      setInterval(() => {}, 1000)`
    {
      await using programs = startPrograms()
      await programs.start({ ...node(leave, word), output: join(dir.path, 'output') })
      await eventually(
        'both processes',
        () => processesOf(word),
        ({ length }) => length === 2,
      )
      programs.assertRunning()
    }
    expect(processesOf(word)).toEqual([])
  })

  it('are reported with their output when they end before they are ready', async () => {
    await using dir = await tempDir()
    await using programs = startPrograms()
    const start = programs.start({
      ...node("console.log('no configuration'); process.exit(3)"),
      output: join(dir.path, 'output'),
      listens: { host: '127.0.0.1', port: 1 },
    })
    await expect(start).rejects.toThrow(/ended early \(3\):\nno configuration/)
  })

  it('are reported with their output when they end during the run', async () => {
    await using dir = await tempDir()
    await using programs = startPrograms()
    const { child } = await programs.start({
      ...node("console.log('out of memory'); process.exit(1)"),
      output: join(dir.path, 'output'),
    })
    await eventually(
      'its end',
      () => child.exitCode,
      (code) => code !== null,
    )
    expect(() => programs.assertRunning()).toThrow(/ended during the run:\nout of memory/)
  })

  it('are reported when they are not installed', async () => {
    await using dir = await tempDir()
    await using programs = startPrograms()
    const start = programs.start({
      command: 'no-such-server',
      args: [],
      output: join(dir.path, 'output'),
      listens: { host: '127.0.0.1', port: 1 },
    })
    await expect(start).rejects.toThrow(/no-such-server ended early/)
  })
})
