/** The prober dashboard: farmprobe about itself. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { proberAnnotations } from '../annotations.ts'
import { dashboardModel } from '../dashboard_model.ts'
import { place } from '../panels/grid.ts'
import { proberVariables } from '../variables.ts'
import { proberSections } from './prober_graphs.ts'
import { proberNow } from './prober_now.ts'

export const proberDashboard: Dashboard = dashboardModel({
  name: 'prober',
  title: 'farmprobe / Prober',
  description: 'farmprobe itself: whether it keeps time, whether its samples can be trusted, what it takes.',
  last: '1h',
  refresh: '30s',
  variables: proberVariables,
  annotations: proberAnnotations,
  panels: place([proberNow], proberSections),
})
