import { longestName, reservedNames } from '../../model/farm.ts'
import { printable } from '../read/remark.ts'

/** Gives every farm or node a name of its own that a configuration of farmprobe accepts. */
export function nameGiver(): (wanted: string, fallback: string) => string {
  const taken = new Set(reservedNames)
  return (wanted, fallback) => {
    const shown = printable(wanted)
      .replaceAll('…', '')
      .slice(0, longestName - 4)
      .trim()
    const base = shown === '' || reservedNames.has(shown.toLowerCase()) ? fallback : shown
    let name = base
    for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${base}-${count}`
    taken.add(name.toLowerCase())
    return name
  }
}
