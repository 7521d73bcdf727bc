/** The page below a path of nginx, which cuts the path off: what it reads, follows, links to and writes is there too. */
import { expect, test } from 'vitest'
import { startFarmprobe } from '../support/processes/farmprobe_process.ts'
import { binaryPath, suiteWith } from '../support/processes/real_binaries.ts'
import { shopConfig, startScriptedNodes } from '../support/processes/real_farm.ts'
import { startProcess } from '../support/processes/real_process.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { tempDir } from '../support/temp_dir.ts'
import { openBrowser } from '../support/web/browser.ts'
import { expectNoComplaints, watchPage } from '../support/web/watched_page.ts'

/** The settings that docs/security.md gives, and nothing else that would help. */
const nginxConfig = (port: number, upstream: string, dir: string) => `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
pid ${dir}/nginx.pid;
error_log stderr warn;
events {}
http {
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`).join('\n  ')}
  access_log off;
  server {
    listen 127.0.0.1:${port};
    location /farmprobe/ {
      proxy_pass ${upstream}/;
      proxy_set_header Host $http_host;
    }
  }
}
`

suiteWith('nginx', 'chromium')('below a path of nginx', () => {
  test('each view is read, follows the stream, and links and writes to where it is', {
    timeout: 60_000,
  }, async () => {
    await using owned = new AsyncDisposableStack()
    const nodes = owned.use(await startScriptedNodes('front', 'web01'))
    const farm = { balancer: nodes.named('front').address, nodes: [nodes.named('web01')] }
    const config = shopConfig({ ...farm, check: { interval: '500ms', timeout: '1s', burst: false } })
    const farmprobe = owned.use(await startFarmprobe(config, '--web.enable-lifecycle'))
    const dir = owned.use(await tempDir())
    const port = await freePort()
    const file = await dir.write('nginx.conf', nginxConfig(port, farmprobe.url, dir.path))
    const args = ['-p', dir.path, '-c', file, '-e', 'stderr']
    owned.use(await startProcess({ command: binaryPath('nginx') ?? 'nginx', args, port }))
    const browser = owned.use(await openBrowser())

    const watched = await watchPage(browser, `http://127.0.0.1:${port}`, 'farmprobe/#/')
    const { page } = watched
    const asked: [status: number, path: string][] = []
    page.on('response', (response) => asked.push([response.status(), new URL(response.url()).pathname]))

    // What happens now reaches the page by the stream alone: it reads the farms again half a minute later.
    nodes.named('web01').behave({ does: 'answer', status: 503 })
    await page.waitForSelector('.verdict strong:has-text("Users notice nothing, but")')

    await page.click('.targets a:text-is("web01")')
    await page.waitForSelector('.target-page canvas')
    const links = await page.$$eval('footer a', (all) => all.map((link) => (link as { href?: string }).href))
    const statuses = await Promise.all(links.map(async (link) => (await fetch(link ?? '')).status))
    expect([links.length, new Set(statuses)]).toEqual([4, new Set([200])])

    await page.fill('.mark-form input', 'preload switched on')
    await page.click('.mark-form button')
    await page.waitForSelector('.target-page li:has-text("preload switched on")')

    await page.click('nav[aria-label=Pages] a:text-is("Events")')
    await page.waitForSelector('.events-page [aria-label="Events found"] li:has-text("web01")')

    expect(asked.filter(([status, path]) => status >= 400 || !path.startsWith('/farmprobe/'))).toEqual([])
    await expectNoComplaints(watched)
  })
})
