/** A real browser without a window, with an empty profile, that talks to nobody but the page under test. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { binaryPath } from '../processes/real_binaries.ts'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface Browser extends AsyncDisposable {
  /** A new page with a session of its own. */
  page(options?: BrowserContextOptions): Promise<Page>
}

/** Starts Chromium, which must be installed. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = binaryPath('chromium')
  if (executablePath === undefined) throw new Error('chromium is not installed')
  const profile = await mkdtemp(join(tmpdir(), 'farmprobe-browser-'))
  const first = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: flags,
    headless: true,
  })
  const browser = first.browser()
  if (browser === null) throw new Error('chromium gave no browser')
  return {
    async page(options = {}) {
      const context = await browser.newContext(options)
      return context.newPage()
    },
    async [Symbol.asyncDispose]() {
      await first.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}
