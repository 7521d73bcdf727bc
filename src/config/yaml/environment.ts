export type Environment = Readonly<Record<string, string | undefined>>

/** `$$`, `${NAME}`, `${NAME:-default}`, and any other `${`. */
const reference = /\$\$|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}|\$\{/g

/**
 * Replaces `${NAME}` and `${NAME:-default}` (the default for a variable that is unset or empty, as in a shell), and `$$`
 * by a plain dollar. Any other dollar stays, so that regular expressions need no escaping. Also gives the `names` that the
 * text refers to.
 */
export function substitute(written: string, env: Environment) {
  const names: string[] = []
  const problems: string[] = []
  const text = written.replace(reference, (whole, name?: string, otherwise?: string) => {
    if (whole === '$$') return '$'
    if (name === undefined) {
      problems.push(
        '"${" does not begin a reference; write ${NAME}, ${NAME:-default}, or $${ for the two characters',
      )
      return whole
    }
    names.push(name)
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (otherwise !== undefined) return value === undefined || value === '' ? otherwise : value
    if (value === undefined)
      problems.push(`the environment variable ${name} is not set; set it, or write \${${name}:-default}`)
    return value ?? whole
  })
  return { text, names, problems }
}
