/**
 * Adds X-Node and X-Worker to every answer, for farmprobe: the machine, and the process, that answered. With Express:
 * `app.use(farmprobeIdentity)` first; with node:http: `farmprobeIdentity(request, response)` first in the handler. With
 * FARMPROBE_KEY in the environment only requests with that value in the header X-Farmprobe-Key get the headers.
 */
import { hostname } from 'node:os'

const node = hostname()
const worker = `${process.pid}-${Math.floor(performance.timeOrigin)}`
const key = process.env.FARMPROBE_KEY ?? ''

export function farmprobeIdentity(request, response, next = () => {}) {
  if (key === '' || request.headers['x-farmprobe-key'] === key) {
    response.setHeader('X-Node', node)
    response.setHeader('X-Worker', worker)
  }
  next()
}
