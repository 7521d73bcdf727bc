import { has, is, type OriginRow, starts } from './fingerprint.ts'
import { gatewaySubStatus, startFailure, unavailableSubStatus, winHttpError } from './iis_details.ts'

const httpSys = { server: is('Microsoft-HTTPAPI/2.0') }
const iis = { server: starts('Microsoft-IIS/') }

/** What IIS, its kernel driver and the ASP.NET Core module answer themselves. */
export const iisOrigins: readonly OriginRow[] = [
  {
    id: 'httpsys-503',
    who: 'iis-kernel',
    product: 'HTTP.sys',
    tells:
      'the application pool is stopped, was disabled after it had crashed too often, or its queue is full; no worker saw the request',
    evidence: 'capture',
    status: [503],
    headers: httpSys,
    body: has('HTTP Error 503. The service is unavailable.'),
  },
  {
    id: 'httpsys-other',
    who: 'iis-kernel',
    product: 'HTTP.sys',
    tells: {
      400: 'the request or its Host header is not valid; no site saw it',
      404: 'no site is bound to this host name and port; does the URL of the farm name the site?',
      411: 'the request has no length; no site saw it',
      413: 'the request is too long; no site saw it',
      500: 'the kernel failed before any site saw the request',
      501: 'the kernel does not know what the request asks for; no site saw it',
      505: 'the kernel does not speak this version of HTTP; no site saw it',
    },
    evidence: 'recall',
    status: [400, 404, 411, 413, 500, 501, 505],
    headers: httpSys,
    body: has('HTTP Error '),
  },
  {
    id: 'iis-502-custom',
    who: 'iis-gateway',
    product: 'IIS as a gateway',
    tells:
      'ARR got no valid answer from a node, or passes on that a node got none from its own application process; the log of the server that answered has the sub-status',
    onNode:
      'the ASP.NET Core Module out of process, or another gateway on the node, got no valid answer from the application process',
    evidence: 'capture',
    status: [502],
    headers: iis,
    body: has('502 - Web server received an invalid response while acting as a gateway or proxy server.'),
  },
  {
    id: 'iis-502-detailed',
    who: 'iis-gateway',
    product: 'IIS as a gateway',
    tells:
      'ARR got no valid answer from a node, or passes on that a node got none from its own application process',
    onNode:
      'the ASP.NET Core Module out of process, or another gateway on the node, got no valid answer from the application process',
    details: [gatewaySubStatus, winHttpError],
    evidence: 'docs',
    status: [502],
    body: has(' Detailed Error - 502.'),
  },
  {
    id: 'iis-503-detailed',
    who: 'iis-worker',
    product: 'IIS',
    tells: 'the worker process refused the request',
    details: [unavailableSubStatus],
    evidence: 'capture',
    status: [503],
    body: has(' Detailed Error - 503.'),
  },
  {
    id: 'iis-503-worker-plain',
    who: 'iis-worker',
    product: 'IIS',
    tells:
      'the worker process refused the request: its application is shutting down, or too many requests came at once',
    evidence: 'capture',
    status: [503],
    statusText: is('Service Unavailable'),
    headers: iis,
    body: is('The service is unavailable.'),
  },
  {
    id: 'ancm-503-recycle',
    who: 'ancm-inprocess',
    product: 'ASP.NET Core Module',
    tells:
      'the application is shutting down in its worker: a recycle, a changed configuration or a deployment',
    evidence: 'source',
    status: [503],
    statusText: is('Server has been shutdown'),
  },
  {
    id: 'ancm-app-offline',
    who: 'ancm-app-offline',
    product: 'ASP.NET Core Module',
    tells: 'app_offline.htm lies in the application: a deployment, planned',
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
    product: 'ASP.NET Core Module',
    tells: 'the application process could not be started',
    evidence: 'source',
    status: [502],
    body: has('HTTP Error 502.5 - ANCM Out-Of-Process Startup Failure', 'HTTP Error 502.5 - Process Failure'),
  },
  {
    id: 'ancm-500.3x',
    who: 'ancm-inprocess',
    product: 'ASP.NET Core Module',
    tells: 'the application did not start inside its worker',
    details: [startFailure],
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
    product: 'YARP',
    tells: {
      502: 'its destination cannot be reached, or broke off',
      504: 'its destination did not answer in time',
    },
    evidence: 'recall',
    status: [502, 504],
    headers: { server: starts('Kestrel', 'Microsoft-IIS/') },
    body: is(''),
  },
]
