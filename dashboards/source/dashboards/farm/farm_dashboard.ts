/** The farm dashboard: one screen that says whether users are well, and who is to blame when they are not. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { farmAnnotations } from '../annotations.ts'
import { dashboardModel } from '../dashboard_model.ts'
import { place } from '../panels/grid.ts'
import { farmVariables } from '../variables.ts'
import { farmFolded } from './farm_folded.ts'
import { farmGraphs } from './farm_graphs.ts'
import { farmIncidents } from './farm_incidents.ts'
import { farmNow } from './farm_now.ts'
import { farmTargets } from './farm_targets.ts'

export const farmDashboard: Dashboard = dashboardModel({
  name: 'farm',
  title: 'farmprobe / Farm',
  description: 'Web farms as users meet them at the balancer, against every node behind it.',
  last: '1h',
  refresh: '10s',
  variables: farmVariables,
  annotations: farmAnnotations,
  panels: place([farmNow, ...farmGraphs, farmTargets], [farmIncidents, ...farmFolded]),
})
