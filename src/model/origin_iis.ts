import { has, is, type OriginRow, starts } from './origin_row.ts'

const httpSys = { server: is('Microsoft-HTTPAPI/2.0') }
const iis = { server: starts('Microsoft-IIS/') }

/** What IIS, its kernel driver and the ASP.NET Core module answer themselves. */
export const iisOrigins: readonly OriginRow[] = [
  {
    id: 'httpsys-503',
    who: 'iis-kernel',
    meaning: 'the pool is stopped, failed too often or its queue is full; no worker saw the request',
    evidence: 'capture',
    status: [503],
    headers: httpSys,
    body: has('HTTP Error 503. The service is unavailable.'),
  },
  {
    id: 'httpsys-other',
    who: 'iis-kernel',
    meaning: 'the kernel answered before any site did; a 404 means that no site is bound to this host name',
    evidence: 'recall',
    status: [400, 404, 411, 413, 500, 501, 505],
    headers: httpSys,
    body: has('HTTP Error '),
  },
  {
    id: 'iis-502-custom',
    who: 'iis-gateway',
    meaning: 'ARR, or on a node the ASP.NET Core module out of process, got no valid answer from behind it',
    evidence: 'capture',
    status: [502],
    headers: iis,
    body: has('502 - Web server received an invalid response while acting as a gateway or proxy server.'),
  },
  {
    id: 'iis-502-detailed',
    who: 'iis-gateway',
    meaning: 'as above, with detailed errors switched on: the page names the sub-status and the error code',
    evidence: 'docs',
    status: [502],
    body: has(' Detailed Error - 502.'),
  },
  {
    id: 'iis-503-detailed',
    who: 'iis-worker',
    meaning: 'the worker process refused the request; the page names the sub-status',
    evidence: 'capture',
    status: [503],
    body: has(' Detailed Error - 503.'),
  },
  {
    id: 'iis-503-worker-plain',
    who: 'iis-worker',
    meaning: 'the worker process refused the request: shutting down, or too many at once',
    evidence: 'capture',
    status: [503],
    statusText: is('Service Unavailable'),
    headers: iis,
    body: is('The service is unavailable.'),
  },
  {
    id: 'ancm-503-recycle',
    who: 'ancm-inprocess',
    meaning: 'an ASP.NET Core application is shutting down in its worker: a recycle or a deployment',
    evidence: 'source',
    status: [503],
    statusText: is('Server has been shutdown'),
  },
  {
    id: 'ancm-app-offline',
    who: 'ancm-app-offline',
    meaning: 'app_offline.htm lies in the application: a deployment, planned',
    evidence: 'source',
    status: [503],
    statusText: is('Service Unavailable'),
    headers: { ...iis, 'content-type': is('text/html') },
    body: has('<', ' '),
    notBody: has('The service is unavailable.', ' Detailed Error - 503.'),
  },
  {
    id: 'ancm-502.5',
    who: 'ancm-outofprocess',
    meaning: 'the ASP.NET Core module could not start the application process',
    evidence: 'source',
    status: [502],
    body: has('HTTP Error 502.5 - ANCM Out-Of-Process Startup Failure', 'HTTP Error 502.5 - Process Failure'),
  },
  {
    id: 'ancm-500.3x',
    who: 'ancm-inprocess',
    meaning: 'the application did not start inside its worker; 500.37 means not within the time limit',
    evidence: 'source',
    status: [500],
    body: has(
      'HTTP Error 500.0 - ANCM',
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => `HTTP Error 500.3${n} - ANCM`),
    ),
  },
  {
    // A bare 503 of Kestrel is as likely the application's own, so it is left unknown.
    id: 'yarp',
    who: 'yarp',
    meaning: 'the reverse proxy could not reach its destination (502), or not in time (504)',
    evidence: 'recall',
    status: [502, 504],
    headers: { server: starts('Kestrel', 'Microsoft-IIS/') },
    body: is(''),
  },
]
