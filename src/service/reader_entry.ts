/** The entry of the thread that reads large files. */
import { enableCompileCache } from 'node:module'
import type { FileRequests } from './file_reader.ts'

// The main thread's compile cache does not apply here; without one each start compiles everything again.
enableCompileCache()
const { serveRequests } = await import('../runtime/request_thread.ts')
const { readRequested } = await import('./file_reader.ts')

serveRequests<FileRequests>(readRequested)
