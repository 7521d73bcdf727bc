import { chmod } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { expect, test } from 'vitest'
import { newestVersion, suiteWith } from '../support/processes/real_binaries.ts'
import { startProcess } from '../support/processes/real_process.ts'
import { freePort } from '../support/servers/loopback_port.ts'
import { tempDir } from '../support/temp_dir.ts'
import { identityFile, key, newWorker, shown } from './identity_files.ts'

const isRoot = getuid?.() === 0

const pool = (dir: string) => `
[global]
error_log = ${dir}/php-fpm.log
daemonize = no
[www]
${isRoot ? 'user = www-data\ngroup = www-data' : ''}
listen = ${dir}/php-fpm.sock
listen.mode = 0666
pm = static
pm.max_children = 1
pm.max_requests = 5
env[FARMPROBE_KEY] = "${key}"
php_value[auto_prepend_file] = ${identityFile('php/farmprobe_identity.php')}
`

const nginx = (dir: string, port: number) => `
daemon off;
${isRoot ? 'user www-data;' : ''}
pid ${dir}/nginx.pid;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:${port};
    location / {
      fastcgi_pass unix:${dir}/php-fpm.sock;
      fastcgi_param SCRIPT_FILENAME ${dir}/index.php;
      fastcgi_param REQUEST_METHOD $request_method;
    }
  }
}
`

const program = newestVersion('php-fpm')

suiteWith(program, 'nginx')('a page of PHP-FPM with farmprobe_identity.php', () => {
  test('names its machine and worker, to requests with the key', async () => {
    await using dir = await tempDir()
    await chmod(dir.path, 0o755)
    await dir.write('index.php', '<?php echo "Welcome";')
    const fpm = await dir.write('php-fpm.conf', pool(dir.path))
    const port = await freePort()
    const config = await dir.write('nginx.conf', nginx(dir.path, port))
    await using _fpm = await startProcess({ command: `/usr/sbin/${program}`, args: ['-n', '-F', '-y', fpm] })
    await using _nginx = await startProcess({
      command: '/usr/sbin/nginx',
      args: ['-p', dir.path, '-c', config, '-e', join(dir.path, 'error.log')],
      port,
    })
    const url = `http://127.0.0.1:${port}/`
    const first = await newWorker(url, [])
    expect(first).toMatchObject({ node: hostname(), body: 'Welcome' })
    const [, startedS] = /^\d+-(\d{10})$/.exec(first.worker) ?? []
    expect(Math.abs(Number(startedS) - Date.now() / 1000)).toBeLessThan(60)
    expect(await shown(url, '')).toMatchObject({ status: 200, node: '', worker: '' })
    // The pool replaces a worker after five requests.
    await newWorker(url, [first.worker])
  })
})
