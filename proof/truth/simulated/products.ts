/** Balancers other than ARR: what each answers in a node's place. */
import { pageOf } from '../../../src/simulator/answer/pages.ts'
import type { Product } from '../../../src/simulator/balancer/gateway_answer.ts'

function nginxPage(status: number, reason: string) {
  const what = `${status} ${reason}`
  const lines = [
    '<html>',
    `<head><title>${what}</title></head>`,
    '<body>',
    `<center><h1>${what}</h1></center>`,
    '<hr><center>nginx</center>',
    '</body>',
    '</html>',
    '',
  ]
  return pageOf(`nginx_${status}`, [status, reason, [['Server', 'nginx']], lines.join('\r\n')])
}

const nginx502 = nginxPage(502, 'Bad Gateway')

export const nginx: Product = {
  pages: {
    refused: nginx502,
    broken: nginx502,
    timeout: nginxPage(504, 'Gateway Time-out'),
    no_node: nginx502,
  },
  headers: [],
}

function haproxyPage(status: number, reason: string, why: string) {
  const body = `<html><body><h1>${status} ${reason}</h1>\n${why}\n</body></html>\n`
  return pageOf(`haproxy_${status}`, [status, reason, [['Cache-Control', 'no-cache']], body])
}

const haproxy503 = haproxyPage(503, 'Service Unavailable', 'No server is available to handle this request.')

export const haproxy: Product = {
  pages: {
    refused: haproxy503,
    broken: haproxyPage(502, 'Bad Gateway', 'The server returned an invalid or incomplete response.'),
    timeout: haproxyPage(504, 'Gateway Time-out', "The server didn't respond in time."),
    no_node: haproxy503,
  },
  headers: [],
}
