/** Real servers of Windows authentication: Apache with mod_auth_gssapi, for NTLM or Kerberos, and a KDC. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../servers/loopback_port.ts'
import { tempDir } from '../temp_dir.ts'
import { accessLog, apacheBase } from './balancer_files.ts'
import { binaryPath } from './real_binaries.ts'
import { startProcess } from './real_process.ts'

const run = promisify(execFile)

export interface AuthServer extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string
  readonly port: number
  /** The values of Authorization that it was sent so far; without those requests that had none. */
  readonly sent: () => Promise<string[]>
}

/** Apache that lets in whom mod_auth_gssapi knows. */
async function startApache(directives: string, env: Readonly<Record<string, string>>): Promise<AuthServer> {
  await using owned = new AsyncDisposableStack()
  const dir = owned.use(await tempDir())
  const port = await freePort()
  await mkdir(join(dir.path, 'www'))
  await dir.write('www/index.html', 'Welcome')
  // Apache serves as another user than the one that starts it.
  await chmod(dir.path, 0o755)
  const modules = ['authn_core', 'authz_user', 'auth_gssapi', 'dir']
  const config = `${apacheBase({ port, dir: dir.path }, modules, '%{Authorization}i')}
DocumentRoot ${dir.path}/www
<Directory ${dir.path}/www>
  AuthType GSSAPI
  AuthName farm
  ${directives}
  Require valid-user
</Directory>
`
  const args = ['-DFOREGROUND', '-f', await dir.write('httpd.conf', config)]
  owned.use(await startProcess({ command: binaryPath('apache2') ?? 'apache2', args, env, port }))
  const kept = owned.move()
  return {
    address: `127.0.0.1:${port}`,
    port,
    sent: async () =>
      (await readFile(join(dir.path, accessLog), 'utf8')).split('\n').filter((line) => line.includes(' ')),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** A server that asks for NTLM, of a computer with this name; `users` is a file of `DOMAIN:user:password` lines. */
export const startNtlmApache = (computer: string, users: string): Promise<AuthServer> =>
  startApache('GssapiAllowedMech ntlmssp\n  GssapiConnectionBound On', {
    NTLM_USER_FILE: users,
    NETBIOS_COMPUTER_NAME: computer,
    NETBIOS_DOMAIN_NAME: 'DOM',
  })

/** A server that asks for a Kerberos ticket for `HTTP/localhost`. */
export const startKerberosApache = ({ env, file }: Kdc): Promise<AuthServer> =>
  startApache(`GssapiAllowedMech krb5\n  GssapiCredStore keytab:${file('http.keytab')}`, env)

export interface Kdc extends AsyncDisposable {
  /** How programs find it. */
  readonly env: Readonly<Record<string, string>>
  /** A file in its folder. */
  readonly file: (name: string) => string
  readonly admin: (query: string) => Promise<unknown>
  /** Fetches a ticket that lives for so long, into a file. */
  readonly fetchTicket: (principal: string, keytab: string, lives: string, file: string) => Promise<unknown>
}

/** A KDC of the realm EXAMPLE.ORG, which knows `HTTP/localhost` and has its keys in `http.keytab`. */
export async function startKdc(): Promise<Kdc> {
  await using owned = new AsyncDisposableStack()
  const dir = owned.use(await tempDir())
  await chmod(dir.path, 0o755)
  const port = await freePort()
  const file = (name: string) => join(dir.path, name)
  const env = {
    KRB5_CONFIG: await dir.write(
      'krb5.conf',
      `[libdefaults]
  default_realm = EXAMPLE.ORG
  dns_lookup_kdc = false
  dns_canonicalize_hostname = false
[realms]
  EXAMPLE.ORG = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  localhost = EXAMPLE.ORG
`,
    ),
    KRB5_KDC_PROFILE: await dir.write(
      'kdc.conf',
      `[realms]
  EXAMPLE.ORG = {
    kdc_listen = 127.0.0.1:${port}
    kdc_tcp_listen = 127.0.0.1:${port}
    database_name = ${file('principal')}
    key_stash_file = ${file('stash')}
  }
`,
    ),
  }
  const tool = (name: string, args: readonly string[]) =>
    run(binaryPath(name) ?? name, args, { env: { ...process.env, ...env } })
  const admin = (query: string) => tool('kadmin.local', ['-q', query])
  await tool('kdb5_util', ['create', '-s', '-r', 'EXAMPLE.ORG', '-P', 'a master password'])
  await admin('addprinc -randkey HTTP/localhost')
  await admin(`ktadd -k ${file('http.keytab')} HTTP/localhost`)
  await chmod(file('http.keytab'), 0o644)
  owned.use(await startProcess({ command: binaryPath('krb5kdc') ?? 'krb5kdc', args: ['-n'], env, port }))
  const kept = owned.move()
  return {
    env,
    file,
    admin,
    fetchTicket: (principal, keytab, lives, cache) =>
      tool('kinit', ['-k', '-t', keytab, '-l', lives, '-c', `FILE:${cache}`, principal]),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
