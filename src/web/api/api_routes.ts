/** Every route of the API. */
import { eventsApi } from './events_api.ts'
import { failuresApi } from './failures_api.ts'
import { farmsApi } from './farms_api.ts'
import { incidentApi, incidentsApi } from './incidents_api.ts'
import { maintenanceApi } from './maintenance_api.ts'
import { addMarkApi, marksApi } from './marks_api.ts'
import type { Route } from './route.ts'
import { seriesApi } from './series_api.ts'
import { streamApi } from './stream_api.ts'
import { stripsApi } from './strips_api.ts'
import { wasApi } from './was_api.ts'

export const apiRoutes: readonly Route[] = [
  farmsApi,
  eventsApi,
  incidentsApi,
  incidentApi,
  stripsApi,
  seriesApi,
  failuresApi,
  marksApi,
  addMarkApi,
  maintenanceApi,
  wasApi,
  streamApi,
]
