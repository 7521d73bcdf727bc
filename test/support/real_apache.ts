import { freePort } from './loopback_port.ts'
import type { BalancerOptions, RealBalancer } from './real_balancer.ts'
import { binaryPath } from './real_binaries.ts'
import { startProcess } from './real_process.ts'
import { tempDir } from './temp_dir.ts'

const modules = '/usr/lib/apache2/modules'

/** Starts Apache httpd with the first node behind it, which it never leaves out; its time-outs are whole seconds. */
export async function startApache({
  nodes: [node = ''],
  timeoutMs,
}: BalancerOptions): Promise<Omit<RealBalancer, 'log'>> {
  await using owned = new AsyncDisposableStack()
  const dir = owned.use(await tempDir())
  const port = await freePort()
  const loaded = ['mpm_event', 'authz_core', 'proxy', 'proxy_http']
  const config = await dir.write(
    'httpd.conf',
    `ServerRoot ${dir.path}
PidFile ${dir.path}/httpd.pid
DefaultRuntimeDir ${dir.path}
ServerName balancer.test
Listen 127.0.0.1:${port}
ErrorLog ${dir.path}/error.log
${loaded.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
ProxyTimeout ${Math.ceil(timeoutMs / 1000)}
ProxyPass / http://${node}/ retry=0
`,
  )
  const command = binaryPath('apache2') ?? 'apache2'
  owned.use(await startProcess({ command, args: ['-f', config, '-X'], port }))
  const kept = owned.move()
  return { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}
