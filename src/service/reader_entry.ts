/** The entry of the thread that reads large files. */

import { prepareCode } from '../runtime/prepare_code.ts'
import type { FileRequests } from './file_reader.ts'

prepareCode()
const { serveRequests } = await import('../runtime/request_thread.ts')
const { readRequested } = await import('./file_reader.ts')

serveRequests<FileRequests>(readRequested)
