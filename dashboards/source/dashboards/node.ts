/** The node dashboard: everything about one node, or the balancer. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { nodeHappenings } from './annotations.ts'
import { frame } from './frame.ts'
import { place } from './grid.ts'
import { nodeCourse } from './node_course.ts'
import { nodeNow } from './node_now.ts'
import { nodeVariables } from './variables.ts'

export const nodeDashboard: Dashboard = frame({
  name: 'node',
  title: 'farmprobe / Node',
  description: 'One node of a web farm, or its balancer: where its time goes, how it fails, how it recycles.',
  last: '3h',
  refresh: '30s',
  variables: nodeVariables,
  annotations: nodeHappenings,
  panels: place([nodeNow, ...nodeCourse]),
})
