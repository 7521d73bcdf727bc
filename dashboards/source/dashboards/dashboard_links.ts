/** Links from one dashboard to another, which keep the selection and the time range. */
import { type DashboardLink, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard'
import { dashboardUids } from '../grafana_names.ts'

/** The tag that makes a dashboard appear among the links at the top of the others. */
export const tag = 'farmprobe'

/** Every other dashboard of farmprobe, above the panels. Whole: the SDK's defaults would hide it in a menu. */
export const linksToOthers: DashboardLink = {
  title: 'farmprobe',
  type: DashboardLinkType.Dashboards,
  icon: 'external link',
  tooltip: 'The other dashboards of farmprobe',
  tags: [tag],
  asDropdown: false,
  targetBlank: false,
  includeVars: true,
  keepTime: true,
}

/** A link of a value; the SDK's type is that of a dashboard's link, which has more properties. */
interface DataLink {
  readonly title: string
  readonly url: string
  readonly targetBlank: boolean
}

const kept = ['datasource', 'job', 'instance'].map((name) => `\${${name}:queryparam}`).join('&')

const to = (title: string, uid: string, variables: string): DataLink => ({
  title,
  url: `/d/${uid}?${kept}&${variables}&\${__url_time_range}`,
  targetBlank: false,
})

/** From a row of a table that has the columns Farm and Target to the dashboard of that node. */
export const linkToNode = to(
  'Show this node',
  dashboardUids.node,
  'var-farm=${__data.fields.Farm}&var-node=${__data.fields.Target}',
)

/** From a series that has the labels farm and target to the dashboard of that node. */
export const seriesLinkToNode = to(
  'Show this node',
  dashboardUids.node,
  'var-farm=${__field.labels.farm}&var-node=${__field.labels.target}',
)

/** From a series that has the label farm to the dashboard of that farm alone. */
export const linkToFarm = to('Show this farm alone', dashboardUids.farm, 'var-farm=${__field.labels.farm}')
