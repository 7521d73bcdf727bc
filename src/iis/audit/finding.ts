import type { Place } from '../../model/place.ts'
import type { Machine } from '../read/machine.ts'
import type { Setting } from '../read/setting.ts'

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
  /** Where the wrong value comes from; findings of one origin are one. */
  readonly origin?: Setting<unknown>['from']
  /** For a value by default: what mends it for everything that has it. */
  readonly shared?: SharedMend
}

interface SharedMend {
  /** The setting that the defaults are given; what has a value of its own keeps it. */
  readonly setting: string
  readonly mend: Mend
  /** What each thing needs besides. */
  readonly rest?: Mend
}

export interface Rule {
  readonly id: string
  readonly severity: Severity
  /** What the rule finds, in a few words. */
  readonly title: string
  /** What it means for the people who use the site, in one sentence. */
  readonly meaning: string
  /** What to do about it, as an order. */
  readonly todo: string
  /** Findings with different words stay apart, where others of one origin become one. */
  readonly isApart?: true
  /** Holds for IIS Express too, which has no recycling, no pool start modes and no Windows service. */
  readonly forExpress?: true
  readonly look: (machines: readonly Machine[]) => readonly Found[]
}

/** What a rule finds in one file, of one origin. */
export interface Finding extends Omit<Found, 'origin' | 'shared'> {
  readonly rule: Rule
  /** Each thing that it is about; at least one. */
  readonly things: readonly Pick<Found, 'place' | 'subject' | 'what'>[]
}
