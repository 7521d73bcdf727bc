/** The links in notifications. */
import { dashboardUids } from '../grafana_names.ts'
import type { Alert } from './alert.ts'

/** The Grafana of compose.yaml; docs/grafana.md says how to change it. */
const grafanaUrl = 'http://localhost:3000'

const runbooksUrl = 'https://github.com/farmprobe/farmprobe/blob/main/docs/runbooks'

export const runbookUrl = ({ name }: Alert): string => `${runbooksUrl}/${name}.md`

/** A link to the dashboard that shows what an alert is about, as a template. */
export function dashboardUrl({ shown }: Alert): string {
  const chosen = Object.entries(shown.variables).map(
    ([variable, label]) => `var-${variable}={{ $labels.${label} | urlquery }}`,
  )
  const query = chosen.length === 0 ? '' : `?${chosen.join('&')}`
  return `${grafanaUrl}/d/${dashboardUids[shown.dashboard]}${query}`
}
