/** What this machine allows. */
import { spawnSync } from 'node:child_process'
import { fakeTimeLibrary } from './families/clock.ts'
import type { Fault, Need } from './fault.ts'

const has: Readonly<Record<Need, () => boolean>> = {
  root: () => process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0,
  faketime: () => fakeTimeLibrary() !== undefined,
}

const words: Readonly<Record<Need, string>> = {
  root: 'root, and a mount namespace of its own',
  faketime: "Debian's package faketime",
}

/** What a fault needs that is not here, in words; none when it can be run. */
export const missingFor = ({ needs = [] }: Fault): string[] =>
  needs.filter((need) => !has[need]()).map((need) => words[need])
