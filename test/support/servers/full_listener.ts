import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

/** Listens with the shortest queue there is, and then never again turns its event loop. */
const deafListener = `
  const { parentPort, workerData } = require('node:worker_threads')
  const server = require('node:net').createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port)
    setImmediate(() => Atomics.wait(workerData, 0, 0))
  })
`

export interface FullListener extends AsyncDisposable {
  readonly port: number
}

/** A port of 127.0.0.1 that neither accepts nor refuses: the kernel drops whatever asks for a connection. */
export async function startFullListener(): Promise<FullListener> {
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(deafListener, { eval: true, workerData: gate })
  const [port] = (await once(worker, 'message')) as [number]
  const fillers = await fill(port)
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy()
      Atomics.notify(gate, 0)
      await worker.terminate()
    },
  }
}

/** Connects until a connection does not come about at once. */
async function fill(port: number): Promise<Socket[]> {
  const fillers: Socket[] = []
  for (;;) {
    const filler = connect(port, '127.0.0.1').on('error', () => {})
    fillers.push(filler)
    const connected = await Promise.race([
      once(filler, 'connect').then(() => true),
      new Promise<false>((resolve) => {
        setTimeout(resolve, 150, false)
      }),
    ])
    if (!connected) return fillers
  }
}
