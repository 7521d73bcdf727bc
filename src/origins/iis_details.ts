/** The codes on IIS's own detailed error pages, which are shown where `errorMode` is `Detailed`. */
import type { Detail } from './fingerprint.ts'

/** Sub-statuses of 502, with ARR 3 and the ASP.NET Core Module. */
export const gatewaySubStatus: Detail = {
  after: ' Detailed Error - ',
  codes: {
    '502.1': 'a CGI application took too long',
    '502.2': 'a CGI application ended early, or the request could not be mapped',
    '502.3': 'the request could not be forwarded',
    '502.4': 'no server of the web farm was fit: all are offline or unhealthy',
    '502.5': 'the application process failed, or a WebSocket did',
    '502.6': 'the forwarded request failed',
    '502.7': 'the request could not be executed',
  },
}

/** WinHTTP's errors as HRESULTs: 0x80070000 and the error's number. */
export const winHttpError: Detail = {
  after: '0x80072',
  codes: {
    ee2: 'WinHTTP 12002, the server did not answer in time',
    ee7: 'WinHTTP 12007, the name of the server cannot be resolved',
    ef1: 'WinHTTP 12017, the request was cancelled',
    efd: 'WinHTTP 12029, no connection to the server',
    efe: 'WinHTTP 12030, the server broke off the connection',
    f00: 'WinHTTP 12032, the request has to be sent again',
    f05: "WinHTTP 12037, the server's certificate has expired or is not valid yet",
    f06: "WinHTTP 12038, the server's certificate is for another name",
    f0d: "WinHTTP 12045, nobody whom this machine trusts issued the server's certificate",
    f78: "WinHTTP 12152, the server's answer is not valid or was cut off",
    f7d: 'WinHTTP 12157, no TLS channel to the server',
    f8f: "WinHTTP 12175, the server's certificate is not accepted",
  },
}

/** Windows's own errors as HRESULTs: 0x80070000 and the error's number. */
export const windowsError: Detail = {
  after: '0x8007',
  codes: {
    '0040': 'Windows error 64, the client went away: no fault of a server',
    '0057':
      'Windows error 87, an invalid parameter, as the ASP.NET Core Module says of an application that broke off',
    '04cd': 'Windows error 1229, the connection does not exist any more',
  },
}

export const unavailableSubStatus: Detail = {
  after: ' Detailed Error - ',
  codes: {
    '503.0': 'the application pool is stopped or disabled',
    '503.2': 'more requests at once than appConcurrentRequestLimit allows',
    '503.3': "ASP.NET's queue is full",
    '503.4': "FastCGI's queue is full",
  },
}

/** Why an ASP.NET Core application did not start inside its worker. */
export const startFailure: Detail = {
  after: 'HTTP Error ',
  codes: {
    '500.0': 'parts of the module could not be loaded',
    '500.30': 'the .NET runtime did not start in the worker, or the application ended while it started',
    '500.31': 'the version of .NET that it wants is not installed',
    '500.32': 'its DLL could not be loaded, perhaps for another processor architecture',
    '500.33': 'it does not refer to the framework Microsoft.AspNetCore.App',
    '500.34': 'in-process and out-of-process applications share its pool',
    '500.35': 'several in-process applications share its pool',
    '500.36': 'the module is not installed whole: its out-of-process handler is missing',
    '500.37': 'it did not start within the time limit',
    '500.38': 'its DLL was not found, as when it was published as a single file',
  },
}
