/** Node runs farmprobe with the same settings however it is started: as a command, by npm, or in the image. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { nodeSettings } from '../support/processes/node_settings.ts'

test('npm start', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  expect(scripts['start']).toBe(['node', ...nodeSettings, 'src/main.ts demo'].join(' '))
})

test('the command of a package', () => {
  const [interpreter] = readFileSync('bin/farmprobe.js', 'utf8').split('\n')
  expect(interpreter).toBe(['#!/usr/bin/env -S node', ...nodeSettings].join(' '))
})

test.each([
  ['Linux', 'deploy/linux/farmprobe'],
  ['Windows', 'deploy/windows/farmprobe.cmd'],
])('the command of the archive for %s', (_system, file) => {
  expect(readFileSync(file, 'utf8')).toContain(` ${nodeSettings.join(' ')} "`)
})

test('the service of Windows', () => {
  const service = readFileSync('deploy/windows/farmprobe-service.xml', 'utf8')
  expect(service).toContain(`<arguments>${nodeSettings.join(' ')} "`)
})

test('the image, and what is compiled for it', () => {
  const commands = readFileSync('Dockerfile', 'utf8').matchAll(/^(RUN|ENTRYPOINT) (\["node", "--.+\])$/gm)
  const started = Array.from(commands, ([, verb, words]) => {
    const [, ...args] = JSON.parse(words as string) as string[]
    return [verb, args.slice(0, args.indexOf('dist/farmprobe.js'))]
  })
  expect(started).toEqual(['RUN', 'RUN', 'ENTRYPOINT'].map((verb) => [verb, nodeSettings]))
})
