import { type ErrorPage, has, is, starts } from './fingerprint.ts'
import {
  gatewaySubStatus,
  startFailure,
  unavailableSubStatus,
  windowsError,
  winHttpError,
} from './iis_details.ts'

const httpSys = { server: is('Microsoft-HTTPAPI/2.0') }
const iis = { server: starts('Microsoft-IIS/') }

/** What IIS, its kernel driver and the ASP.NET Core module answer themselves. */
export const iisOrigins: Readonly<Record<string, ErrorPage>> = {
  'httpsys-503': {
    who: 'iis-kernel',
    product: 'HTTP.sys',
    tells: {
      503: 'the application pool is stopped, was disabled after it had crashed too often, or its queue is full; no worker saw the request',
    },
    evidence: 'capture',
    headers: httpSys,
    body: has('HTTP Error 503. The service is unavailable.'),
  },
  'httpsys-other': {
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
    headers: httpSys,
    body: has('HTTP Error '),
  },
  'iis-502-custom': {
    who: 'iis-gateway',
    product: 'IIS as a gateway',
    tells: {
      502: 'ARR got no valid answer from a node, or passes on that a node got none from its own application process; the log of the server that answered has the sub-status',
    },
    onNode:
      'the ASP.NET Core Module out of process, or another gateway on the node, got no valid answer from the application process',
    evidence: 'capture',
    headers: iis,
    body: has('502 - Web server received an invalid response while acting as a gateway or proxy server.'),
  },
  'iis-502-detailed': {
    who: 'iis-gateway',
    product: 'IIS as a gateway',
    tells: {
      502: 'ARR got no valid answer from a node, or passes on that a node got none from its own application process',
    },
    onNode:
      'the ASP.NET Core Module out of process, or another gateway on the node, got no valid answer from the application process',
    details: [gatewaySubStatus, winHttpError, windowsError],
    evidence: 'docs',
    body: has(' Detailed Error - 502.'),
  },
  'iis-503-detailed': {
    who: 'iis-worker',
    product: 'IIS',
    tells: { 503: 'the worker process refused the request' },
    details: [unavailableSubStatus],
    evidence: 'capture',
    body: has(' Detailed Error - 503.'),
  },
  'iis-503-worker-plain': {
    who: 'iis-worker',
    product: 'IIS',
    tells: {
      503: 'the worker process refused the request: its application is shutting down, or too many requests came at once',
    },
    evidence: 'capture',
    statusText: is('Service Unavailable'),
    headers: iis,
    body: is('The service is unavailable.'),
  },
  'ancm-503-recycle': {
    who: 'ancm-inprocess',
    product: 'ASP.NET Core Module',
    tells: {
      503: 'the application is shutting down in its worker: a recycle, a changed configuration or a deployment',
    },
    evidence: 'source',
    statusText: is('Server has been shutdown'),
  },
  'ancm-app-offline': {
    who: 'ancm-app-offline',
    product: 'ASP.NET Core Module',
    tells: { 503: 'app_offline.htm lies in the application: a deployment, planned' },
    evidence: 'source',
    statusText: is('Service Unavailable'),
    headers: { ...iis, 'content-type': is('text/html') },
    body: has('<', ' '),
    notBody: has('The service is unavailable.', ' Detailed Error - 503.'),
  },
  'ancm-502.5': {
    who: 'ancm-outofprocess',
    product: 'ASP.NET Core Module',
    tells: { 502: 'the application process could not be started' },
    evidence: 'source',
    body: has('HTTP Error 502.5 - ANCM Out-Of-Process Startup Failure', 'HTTP Error 502.5 - Process Failure'),
  },
  'ancm-500.3x': {
    who: 'ancm-inprocess',
    product: 'ASP.NET Core Module',
    tells: { 500: 'the application did not start inside its worker' },
    details: [startFailure],
    evidence: 'source',
    body: has(
      'HTTP Error 500.0 - ANCM',
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => `HTTP Error 500.3${n} - ANCM`),
    ),
  },
  yarp: {
    // A bare 503 of Kestrel is as likely the application's own, so it is left unknown.
    who: 'yarp',
    product: 'YARP',
    tells: {
      502: 'its destination cannot be reached, or broke off',
      504: 'its destination did not answer in time',
    },
    evidence: 'recall',
    headers: { server: starts('Kestrel', 'Microsoft-IIS/') },
    body: is(''),
  },
}
