import type { Modules } from './module.ts'

/** The module that a request without a module asks for. */
export const usualModule = 'http_2xx'

/** What there is without a module file: the usual module, with everything as it is where a file says nothing. */
export const standardModules: Modules = new Map([
  [
    usualModule,
    {
      shown: 'prober: http\n',
      http: {
        timeoutMs: 0,
        method: 'GET',
        headers: [],
        moreHeaders: [],
        tls: { insecure: false, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' },
        http2: true,
        followRedirects: true,
        preferredFamily: 6,
        familyFallback: true,
        compression: '',
        bodySizeLimit: 0,
        accept: {
          statusCodes: [],
          versions: [],
          failIfSsl: false,
          failIfNotSsl: false,
          failIfBody: [],
          failIfNotBody: [],
          failIfHeader: [],
          failIfNotHeader: [],
        },
      },
    },
  ],
])
