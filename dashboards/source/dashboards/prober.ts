/** The prober dashboard: farmprobe about itself. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { proberHappenings } from './annotations.ts'
import { frame } from './frame.ts'
import { place } from './grid.ts'
import { proberCourse } from './prober_course.ts'
import { proberNow } from './prober_now.ts'
import { proberVariables } from './variables.ts'

export const proberDashboard: Dashboard = frame({
  name: 'prober',
  title: 'farmprobe / Prober',
  description: 'farmprobe itself: whether it keeps time, whether its samples can be trusted, what it takes.',
  last: '1h',
  refresh: '30s',
  variables: proberVariables,
  annotations: proberHappenings,
  panels: place([proberNow, ...proberCourse]),
})
