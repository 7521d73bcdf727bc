/** Cron expressions and time zones. */
import { validateDetailed } from 'node-cron'
import { type Part, value } from './part.ts'
import { fromText } from './scalars.ts'

/** A cron expression; with `seconds`, six fields are allowed, of which the first is seconds. */
export function cron(options: { seconds: boolean }): Part<string> {
  return value({
    json: { type: 'string' },
    kind: 'cron expression',
    right: 'write five fields: minute hour day month weekday, such as "0 */4 * * *"',
    read: fromText((written, wrong) => {
      const explanation = cronMistake(written)
      if (explanation !== undefined) return wrong(`not a cron expression (${explanation})`)
      if (!options.seconds && written.trim().split(/\s+/).length === 6)
        return wrong('a cron expression with seconds')
      return written.trim()
    }),
  })
}

/** node-cron's explanation of what is wrong with an expression; undefined when it is right. */
function cronMistake(written: string): string | undefined {
  const { valid, errors } = validateDetailed(written)
  return valid ? undefined : errors.map(({ field, message }) => `${field}: ${message}`).join(', ')
}

export const timezone: Part<string> = value({
  json: { type: 'string' },
  kind: 'time zone',
  right: 'write a name of the IANA list, such as Europe/London or UTC',
  read: fromText((written, wrong) => (isTimezone(written) ? written : wrong('not a time zone'))),
})

function isTimezone(written: string): boolean {
  try {
    // For any other Node reads 5 MiB of the languages' data.
    return (
      written === 'UTC' ||
      new Intl.DateTimeFormat('en', { timeZone: written }).resolvedOptions().timeZone !== ''
    )
  } catch {
    return false
  }
}
