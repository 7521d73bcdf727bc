import { printable } from '../read/printable.ts'

const longest = 64

/** Labels of metrics use these in the place of a node's name. */
const reserved = new Set(['balancer', 'other', 'none', 'unknown'])

/** Gives every farm or node a name of its own that a configuration of farmprobe accepts. */
export function nameGiver(): (wanted: string, fallback: string) => string {
  const taken = new Set(reserved)
  return (wanted, fallback) => {
    const shown = printable(wanted)
      .replaceAll('…', '')
      .slice(0, longest - 4)
      .trim()
    const base = shown === '' || reserved.has(shown.toLowerCase()) ? fallback : shown
    let name = base
    for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${base}-${count}`
    taken.add(name.toLowerCase())
    return name
  }
}
