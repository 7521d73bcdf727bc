import { stringify } from 'yaml'

/** The text of a generated YAML file: a comment on what it is, and its content with expressions as blocks. */
export function yamlFile(about: string, content: object, source = 'dashboards/source/alerts/'): string {
  const comment = [about, `Generated from ${source} (npm run generate): change that, not this.`]
  const head = comment.map((line) => `# ${line}\n`).join('')
  return `${head}\n${stringify(content, { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true })}`
}
