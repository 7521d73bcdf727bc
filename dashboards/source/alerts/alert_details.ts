/** What a query tells further about a firing, in the templates of Prometheus and of Grafana. */
import type { Detail } from './alert.ts'

/** Prometheus's templates query. */
export function queriedByPrometheus({ by, query, sentence, otherwise }: Detail): string {
  const matchers = by.map((label, index) => `${label}=%[${index + 1}]q`).join(',')
  const labels = by.map((label) => `$labels.${label}`).join(' ')
  return `{{ range printf \`topk(3, ${query(matchers)})\` ${labels} | query }}${sentence} {{ else }}${otherwise}{{ end }}`
}

/** For Grafana's query C: one answer for each alert. */
export const queriedByGrafana = ({ by, query }: Detail): string =>
  `topk by (${by.join(', ')}) (1, ${query('')})`

/** Grafana finds the answer of C whose labels include those of the alert. */
export const namedByGrafana = ({ sentence, otherwise }: Detail): string =>
  `{{ if $values.C.Labels }}${sentence.replaceAll(/(?<=\{\{ )\.(?=Labels|Value)/g, '$values.C.')}{{ else }}${otherwise}{{ end }}`
