/** Requests for the headers of the files in contrib/identity. */
import { fileURLToPath } from 'node:url'
import { eventually } from '../support/eventually.ts'

export const identityFile = (path: string): string =>
  fileURLToPath(new URL(`../../contrib/identity/${path}`, import.meta.url))

/** The key of the tests' applications. */
export const key = 'a long random text'

export interface Shown {
  readonly status: number
  /** Empty when the answer has no such header. */
  readonly node: string
  readonly worker: string
  readonly body: string
}

/** The identity headers of a page, requested with the right key unless another is given. */
export async function shown(url: string, withKey: string = key): Promise<Shown> {
  const response = await fetch(url, { headers: withKey === '' ? {} : { 'X-Farmprobe-Key': withKey } })
  const header = (name: string) => response.headers.get(name) ?? ''
  return {
    status: response.status,
    node: header('X-Node'),
    worker: header('X-Worker'),
    body: await response.text(),
  }
}

/** Requests the page until another worker than these answers. */
export const newWorker = (url: string, known: readonly string[]): Promise<Shown> =>
  eventually(
    'a new worker',
    () => shown(url),
    ({ status, worker }) => status === 200 && worker !== '' && !known.includes(worker),
    30_000,
  )
