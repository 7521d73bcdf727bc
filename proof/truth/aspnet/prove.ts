/** `npm run truth -- --live aspnet`: watches, scores, shows. */
import { binaryPath } from '../../../test/support/processes/binary_path.ts'
import { asMarkdown, asText } from '../print_table.ts'
import { programs, watchAspnet } from './aspnet.ts'
import { farmTable, fitness, goalsOf, goalTable, notesOf } from './goals.ts'

interface Wanted {
  readonly forMs: number
  readonly shownAs: 'text' | 'markdown' | 'json'
  readonly explain: boolean
}

/** The exit code: 1 when a goal is missed, 2 where a program is not installed. */
export async function proveAspnet({ forMs, shownAs, explain }: Wanted): Promise<0 | 1 | 2> {
  const missing = programs.filter((program) => binaryPath(program) === undefined)
  if (missing.length > 0) {
    process.stderr.write(`The proof on ASP.NET needs what is not installed: ${missing.join(', ')}\n`)
    return 2
  }
  const signal = interrupted()
  const watch = await watchAspnet(forMs, say, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error
    say('interrupted; nothing is left running')
  })
  if (watch === undefined) return 1
  const { results } = watch
  const goals = goalsOf(results)
  const show = shownAs === 'markdown' ? asMarkdown : asText
  const tables = [farmTable(results), goalTable(goals)].map(show)
  const text = [...tables, fitness(watch), ...(explain ? [notesOf(results).join('\n')] : [])].join('\n\n')
  process.stdout.write(`${shownAs === 'json' ? JSON.stringify({ ...watch, goals }, null, 2) : text}\n`)
  return goals.every(({ met }) => met) ? 0 : 1
}

const say = (line: string): void => void process.stderr.write(`${line}\n`)

/** Asked to stop, it tidies up first. */
function interrupted(): AbortSignal {
  const controller = new AbortController()
  const stop = () => controller.abort()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop)
  return controller.signal
}
