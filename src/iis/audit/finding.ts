import type { Place } from '../../model/place.ts'
import type { Machine } from '../read/machine.ts'

/** As SARIF calls them, the worst first. */
export const severities = ['error', 'warning', 'note'] as const

export type Severity = (typeof severities)[number]

/** The commands that fix a finding, for both tools; they are shown and never run. */
export interface Mend {
  /** For cmd.exe, as an administrator. */
  readonly appcmd: readonly string[]
  /** For Windows PowerShell with the module WebAdministration, as an administrator. */
  readonly powershell: readonly string[]
  /** What a person should know or decide first; or why there is no command. */
  readonly note?: string
}

export interface Found {
  readonly place: Place
  /** What it is about: `pool "intranet"`. */
  readonly subject: string
  /** What is wrong, with the value that was found, as a sentence. */
  readonly what: string
  readonly mend: Mend
}

export interface Rule {
  readonly id: string
  readonly severity: Severity
  /** What the rule finds, in a few words. */
  readonly title: string
  /** What it means for the people who use the site, in one sentence. */
  readonly meaning: string
  readonly look: (machines: readonly Machine[]) => readonly Found[]
}

export interface Finding extends Found {
  readonly rule: Rule
}
