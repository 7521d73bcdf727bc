import { stringify } from 'yaml'

/** The text of a generated YAML file: a comment on what it is, and its content with expressions as blocks. */
export function yamlFile(about: string, content: object): string {
  const comment = [
    about,
    'Generated from dashboards/source/alerts/ (npm run generate): change that, not this.',
  ]
  const head = comment.map((line) => `# ${line}\n`).join('')
  return `${head}\n${stringify(content, { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true })}`
}
