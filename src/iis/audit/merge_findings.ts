/** Makes one finding of all that a rule finds in a file for one reason. */
import type { Pool } from '../read/app_pool.ts'
import type { Machine } from '../read/machine.ts'
import { quoted } from '../read/remark.ts'
import { byHand, together } from './cure_commands.ts'
import type { Finding, Found, Mend, Rule } from './finding.ts'
import { usedPools } from './scope.ts'

export function mergeFindings(rule: Rule, founds: readonly Found[], machines: readonly Machine[]): Finding[] {
  const keyOf = ({ place, subject, what, origin = 'own' }: Found) =>
    JSON.stringify([place.file, kindOf(subject), origin, rule.isApart && what])
  return [...Map.groupBy(founds, keyOf).values()].flatMap((group): Finding[] => {
    const [first] = group
    if (first === undefined) return []
    const { place, subject, what } = first
    const machine = machines.find(({ file }) => file === place.file)
    const mend = byItsTool(group.length === 1 ? first.mend : mendOf(group, machine), machine)
    const things = group.map(({ place, subject, what }) => ({ place, subject, what }))
    if (group.length === 1) return [{ rule, place, subject, what, mend, things }]
    return [{ rule, place, ...inWords(things), mend, things }]
  })
}

/** IIS Express has an appcmd of its own, which is told the file; PowerShell's module does not reach it. */
function byItsTool(mend: Mend, machine: Machine | undefined): Mend {
  if (!machine?.isExpress) return mend
  const option = ` "/apphostconfig:${machine.file}"`
  const isSafe = !/["%\p{Cc}]/u.test(machine.file)
  const appcmd = mend.appcmd.map((line) =>
    line.replace('%windir%\\system32\\inetsrv\\appcmd.exe', '"%ProgramFiles%\\IIS Express\\appcmd.exe"'),
  )
  return { ...mend, appcmd: isSafe ? appcmd.map((line) => line + option) : appcmd, powershell: [] }
}

/** `pool` of `pool "intranet"`. */
const kindOf = (subject: string) => subject.replace(/ ".*$/s, '')

const nameOf = (subject: string) => subject.slice(kindOf(subject).length + 1)

/** More than these are counted. */
const mostNames = 4

const listed = (names: readonly string[], between = ', '): string =>
  names.length <= mostNames
    ? names.join(between)
    : `${names.slice(0, mostNames - 1).join(between)} and ${names.length - mostNames + 1} more`

/** `12 pools ("a", "b", "c" and 9 more)`, and what is wrong with them: once where it is the same. */
function inWords(things: Finding['things']): Pick<Finding, 'subject' | 'what'> {
  const [first, ...others] = [...new Set(things.map(({ what }) => what))]
  const subjects = [...new Set(things.map(({ subject }) => subject))]
  const [one = ''] = subjects
  const names = subjects.map(nameOf)
  const isNamed = names.every((name) => name !== '')
  const isMany = isNamed && subjects.length > 1
  const many = isMany ? `${subjects.length} ${kindOf(one)}s` : one
  if (others.length === 0 && first !== undefined)
    return {
      subject: isMany ? `${many} (${listed(names)})` : `${many}, ${things.length} times`,
      what: first,
    }
  return {
    subject: many,
    what: listed(
      things.map(({ subject, what }) => (subjects.length === 1 ? what : `${nameOf(subject)}: ${what}`)),
      '; ',
    ),
  }
}

/** The defaults are changed once for all that have a value by them; all else is changed one by one. */
function mendOf(group: readonly Found[], machine: Machine | undefined): Mend {
  const [shared] = group.flatMap((each) => each.shared ?? [])
  if (shared === undefined || machine === undefined) return together(group.map(({ mend }) => mend))
  const rests = group.flatMap((each) => each.shared?.rest ?? [])
  const exceptions = ownersOf(
    shared.setting,
    usedPools(machine).map(({ pool }) => pool),
  )
  const note = `${exceptions.map(quoted).join(', ')} has a value of its own, which stays`
  return together([shared.mend, ...rests, ...(exceptions.length === 0 ? [] : [byHand(note)])])
}

/** The pools with a value of their own. */
const ownersOf = (setting: string, pools: readonly Pool[]): string[] =>
  pools
    .filter((pool) =>
      Object.values(pool).some(
        (each) => typeof each === 'object' && 'from' in each && each.name === setting && each.from === 'own',
      ),
    )
    .map(({ name }) => name)
