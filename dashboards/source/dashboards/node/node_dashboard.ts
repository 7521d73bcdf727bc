/** The node dashboard: everything about one node, or the balancer. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { nodeAnnotations } from '../annotations.ts'
import { dashboardModel } from '../dashboard_model.ts'
import { place } from '../panels/grid.ts'
import { nodeVariables } from '../variables.ts'
import { nodeSections } from './node_graphs.ts'
import { nodeNow } from './node_now.ts'

export const nodeDashboard: Dashboard = dashboardModel({
  name: 'node',
  title: 'farmprobe / Node',
  description: 'One node of a web farm, or its balancer: where its time goes, how it fails, how it recycles.',
  last: '3h',
  refresh: '30s',
  variables: nodeVariables,
  annotations: nodeAnnotations,
  panels: place([nodeNow], nodeSections),
})
