/** What the files of contrib/identity say of themselves, asked for over HTTP. */
import { fileURLToPath } from 'node:url'
import { eventually } from '../support/eventually.ts'

export const identityFile = (path: string): string =>
  fileURLToPath(new URL(`../../contrib/identity/${path}`, import.meta.url))

/** The right value of X-Farmprobe-Key, where a key is set. */
export const key = 'a long random text'

export interface Shown {
  readonly status: number
  /** Empty where the answer has none. */
  readonly node: string
  readonly worker: string
  readonly body: string
}

/** Who a page says that it comes from; asked with the right key unless another is given. */
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

/** Asks until the page comes from another worker than any of these. */
export const newWorker = (url: string, known: readonly string[]): Promise<Shown> =>
  eventually(
    'a new worker',
    () => shown(url),
    ({ status, worker }) => status === 200 && worker !== '' && !known.includes(worker),
    30_000,
  )
