import type * as z from 'zod'
import { isMapping, type Part, type WrongDetails } from '../schema/schema_parts.ts'
import type { Path, Problem } from './problem.ts'
import { kindAt, showAt, valueAt } from './show_value.ts'
import type { Tree } from './tree.ts'
import { unknownKey } from './unknown_key.ts'

type Issue = z.core.$ZodIssue

/**
 * Holds a tree against a schema. The value is what could be understood: whatever is wrong is a problem in the list
 * and undefined in the value, so that later checks still see the rest.
 */
export function validate<T>(schema: Part<T>, tree: Tree): { value: T | undefined; problems: Problem[] } {
  let seen: unknown
  // A check that runs even after failures is the one way to the value of a parse that failed.
  const watched = schema.refine((value) => ((seen = value), true), { when: () => true })
  // Our own words are made below; zod's would read keys that the author of the file chose, such as `constructor`.
  const parsed = watched.safeParse(tree.value, { error: () => 'wrong' })
  if (parsed.success) return { value: parsed.data, problems: [] }
  const { issues } = parsed.error
  for (const issue of issues) if (issue.code !== 'unrecognized_keys') seen = forget(seen, pathOf(issue))
  const problems = issues
    .flatMap((issue) => unfold(issue, tree.value))
    .flatMap((issue) => problemsOf(issue, tree))
  return { value: seen as T | undefined, problems }
}

const pathOf = (issue: Issue): Path => issue.path as Path

/** Of a union, only what is wrong with the form that was meant is worth telling. */
function unfold(issue: Issue, root: unknown): Issue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const meant = isMapping(valueAt(root, pathOf(issue))) ? issue.errors.at(-1) : issue.errors[0]
  return (meant ?? []).map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
}

/**
 * Takes out what stands at a path. Lists keep their length, so that other paths stay true. Only what the schema made
 * is changed: what it could not make anything of stands at the path of an issue itself.
 */
function forget(value: unknown, path: Path): unknown {
  const [step, ...rest] = path
  if (step === undefined || value instanceof Map || typeof value !== 'object' || value === null)
    return undefined
  const holder = value as Record<string | number, unknown>
  if (Object.hasOwn(holder, step)) holder[step] = forget(holder[step], rest)
  return value
}

function problemsOf(issue: Issue, tree: Tree): Problem[] {
  const path = pathOf(issue)
  if (issue.code === 'unrecognized_keys') {
    const known = issue.message.split(' ')
    return issue.keys.map((key) => tree.keyProblem([...path, key], unknownKey(key, known)))
  }
  const { what, right } = explain(issue)
  if (!tree.has(path)) return [tree.problem(path, `missing; ${right}`)]
  const given = givenFor(issue, tree)
  return [tree.problem(path, given === undefined ? `${what}; ${right}` : `${what}: ${given}; ${right}`)]
}

// zod types the parameters of a custom issue as anything; only our own checks make them, and in this shape.
const detailsOf = (issue: z.core.$ZodIssueCustom) => issue.params as unknown as WrongDetails

function explain(issue: Issue): { readonly what: string; readonly right: string } {
  if (issue.code === 'custom') return { what: issue.message, right: detailsOf(issue).right }
  const isList = issue.code === 'invalid_type' && issue.expected === 'array'
  return isList
    ? { what: 'not a list', right: 'write a list, each entry beginning with "- "' }
    : { what: 'not a mapping', right: 'write keys with their values' }
}

/** What was given, as far as it may be shown: in the place of a mapping there may stand a secret that belongs in it. */
function givenFor(issue: Issue, tree: Tree): string | undefined {
  if (issue.code !== 'custom') return kindAt(tree, pathOf(issue))
  return detailsOf(issue).secret ? undefined : showAt(tree, pathOf(issue))
}
