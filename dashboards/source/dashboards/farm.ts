/** The farm dashboard: one screen that says whether users are well, and who is to blame when they are not. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { farmHappenings } from './annotations.ts'
import { farmCourse } from './farm_course.ts'
import { farmDepths } from './farm_depths.ts'
import { farmNow } from './farm_now.ts'
import { farmTargets } from './farm_targets.ts'
import { frame } from './frame.ts'
import { place } from './grid.ts'
import { farmVariables } from './variables.ts'

export const farmDashboard: Dashboard = frame({
  name: 'farm',
  title: 'farmprobe / Farm',
  description: 'Web farms as users meet them at the balancer, against every node behind it.',
  last: '1h',
  refresh: '10s',
  variables: farmVariables,
  annotations: farmHappenings,
  panels: place([farmNow, ...farmCourse, farmTargets], farmDepths),
})
