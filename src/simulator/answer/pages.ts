/** What the servers of a simulated farm send, byte for byte as far as is known of the real ones. */

export type PageName = keyof typeof sent

export interface Page {
  readonly name: string
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
  /** Length of the body in bytes. */
  readonly bytes: number
}

/** The text every page of the application contains, for a check's expectations. */
export const welcome = 'Welcome to the simulated farm'

type Headers = Page['headers']

const iis: Headers = [['Server', 'Microsoft-IIS/10.0']]
const aspNet: Headers = [...iis, ['X-Powered-By', 'ASP.NET']]
const fresh: Headers = [['Cache-Control', 'no-store'], ...aspNet]
const kernel: Headers = [
  ['Server', 'Microsoft-HTTPAPI/2.0'],
  ['Connection', 'close'],
]

const homeBody = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Intranet</title></head>
<body><h1>${welcome}</h1>
<p>${'This page is made by a simulated application. '.repeat(40)}</p>
</body></html>
`

const offlineBody = `<!DOCTYPE html>
<html><head><title>Down for maintenance</title></head>
<body><h1>Back in a moment</h1><p>A new version is being installed.</p></body></html>
`

const kernelBody = [
  '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN""http://www.w3.org/TR/html4/strict.dtd">',
  '<HTML><HEAD><TITLE>Service Unavailable</TITLE>',
  '<META HTTP-EQUIV="Content-Type" Content="text/html; charset=us-ascii"></HEAD>',
  '<BODY><h2>Service Unavailable</h2>',
  '<hr><p>HTTP Error 503. The service is unavailable.</p>',
  '</BODY></HTML>',
  '',
].join('\r\n')

/** IIS's custom error page, the same for every cause. */
function customErrorBody(title: string, explanation: string): string {
  return [
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">',
    '<html xmlns="http://www.w3.org/1999/xhtml">',
    '<head>',
    '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1"/>',
    `<title>${title}</title>`,
    '<style type="text/css">',
    '<!--',
    'body{margin:0;font-size:.7em;font-family:Verdana, Arial, Helvetica, sans-serif;background:#EEEEEE;}',
    'fieldset{padding:0 15px 10px 15px;} ',
    'h1{font-size:2.4em;margin:0;color:#FFF;}',
    'h2{font-size:1.7em;margin:0;color:#CC0000;} ',
    'h3{font-size:1.2em;margin:10px 0 0 0;color:#000000;} ',
    '#header{width:96%;margin:0 0 0 0;padding:6px 2% 6px 2%;font-family:"trebuchet MS", Verdana, sans-serif;color:#FFF;',
    'background-color:#555555;}',
    '#content{margin:0 0 0 2%;position:relative;}',
    '.content-container{background:#FFF;width:96%;margin-top:8px;padding:10px;position:relative;}',
    '-->',
    '</style>',
    '</head>',
    '<body>',
    '<div id="header"><h1>Server Error</h1></div>',
    '<div id="content">',
    ' <div class="content-container"><fieldset>',
    `  <h2>${title}</h2>`,
    `  <h3>${explanation}</h3>`,
    ' </fieldset></div>',
    '</div>',
    '</body>',
    '</html>',
    '',
  ].join('\r\n')
}

const iis502Body = customErrorBody(
  '502 - Web server received an invalid response while acting as a gateway or proxy server.',
  'There is a problem with the page you are looking for, and it cannot be displayed. When the Web server (while acting as a gateway or proxy) contacted the upstream content server, it received an invalid response from the content server.',
)

const iis500Body = customErrorBody(
  '500 - Internal server error.',
  'There is a problem with the resource you are looking for, and it cannot be displayed.',
)

type Sent = readonly [status: number, statusText: string, headers: Headers, body: string]

/** Of the type text/html, unless the headers say otherwise. */
const sent = {
  home: [200, 'OK', [['Content-Type', 'text/html; charset=utf-8'], ...fresh], homeBody],
  status_500: [500, 'Internal Server Error', aspNet, iis500Body],
  kernel_503: [
    503,
    'Service Unavailable',
    [['Content-Type', 'text/html; charset=us-ascii'], ...kernel],
    kernelBody,
  ],
  ancm_shutdown: [503, 'Server has been shutdown', aspNet, 'The service is unavailable.'],
  app_offline: [503, 'Service Unavailable', aspNet, offlineBody],
  iis_502: [502, 'Bad Gateway', aspNet, iis502Body],
} as const satisfies Record<string, Sent>

export const pages = Object.fromEntries(
  Object.entries(sent).map(([name, page]) => [name, pageOf(name, page)]),
) as Record<PageName, Page>

export function pageOf(name: string, [status, statusText, headers, body]: Sent): Page {
  const isTyped = headers.some(([header]) => header === 'Content-Type')
  const all = isTyped ? headers : [['Content-Type', 'text/html'] as const, ...headers]
  return { name, status, statusText, headers: all, body, bytes: Buffer.byteLength(body) }
}
