/** Real servers of Windows authentication: Apache with mod_auth_gssapi, for NTLM or Kerberos, and a KDC. */
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { apps } from '../../../proof/truth/zoo/kinds/applications.ts'
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

type Environment = Readonly<Record<string, string>>

/** Apache that lets in whom mod_auth_gssapi knows; `more` serves something else than a page. */
async function startApache(
  directives: string,
  env: Environment,
  more: (dir: string, port: number) => Promise<Extra> = async () => ({ modules: ['dir'], text: '' }),
): Promise<AuthServer> {
  await using owned = new AsyncDisposableStack()
  const dir = owned.use(await tempDir())
  const port = await freePort()
  await mkdir(join(dir.path, 'www'))
  await dir.write('www/index.html', 'Welcome')
  // Apache serves as another user than the one that starts it.
  await chmod(dir.path, 0o755)
  const { modules, text } = await more(dir.path, port)
  const all = ['authn_core', 'authz_user', 'auth_gssapi', ...modules]
  const config = `${apacheBase({ port, dir: dir.path }, all, '%{Authorization}i')}
DocumentRoot ${dir.path}/www
<Location />
  AuthName farm
  ${directives}
</Location>
${text}
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

interface Extra {
  readonly modules: readonly string[]
  readonly text: string
}

const ntlm = 'AuthType GSSAPI\n  GssapiAllowedMech ntlmssp\n  GssapiConnectionBound On\n  Require valid-user'
const ofComputer = (computer: string, users: string): Environment => ({
  NTLM_USER_FILE: users,
  NETBIOS_COMPUTER_NAME: computer,
  NETBIOS_DOMAIN_NAME: 'DOM',
})

/** A server that asks for NTLM, of a computer with this name; `users` is a file of `DOMAIN:user:password` lines. */
export const startNtlmApache = (computer: string, users: string): Promise<AuthServer> =>
  startApache(ntlm, ofComputer(computer, users))

/** Real ASP.NET, whose application starts with its first request and takes `coldMs` for it; without `users`, for everybody. */
export const startAspNet = (coldMs: number, users?: string): Promise<AuthServer> =>
  startApache(
    users === undefined ? 'Require all granted' : ntlm,
    ofComputer('WEB01', users ?? ''),
    async (dir, port) => {
      await cp(join(apps, 'aspnet'), join(dir, 'www'), { recursive: true })
      const own = join(dir, 'own')
      await mkdir(own)
      await chmod(own, 0o777)
      // mod_mono names its locks after the alias alone.
      const alias = `auth-${port}`
      const set = (name: string, value: string | number) => `Mono${name} ${alias} "${value}"`
      const environment = { ZOO_COLD_MS: coldMs, ZOO_SLOW_MS: 100, ZOO_LOG: join(own, 'log'), TMPDIR: own }
      return {
        modules: ['mime', 'mono'],
        text: `TypesConfig /etc/mime.types
${set('ServerPath', '/usr/bin/mod-mono-server4')}
${set('UnixSocket', join(own, 'mono.sock'))}
${set('Applications', `/:${dir}/www`)}
${set('WapiDir', own)}
${set(
  'SetEnv',
  Object.entries(environment)
    .map(([name, value]) => `${name}=${value}`)
    .join(';'),
)}
<Location />
  SetHandler mono
  MonoSetServerAlias ${alias}
</Location>`,
      }
    },
  )

/** A server that asks for a Kerberos ticket for `HTTP/localhost`. */
export const startKerberosApache = ({ env, file }: Kdc): Promise<AuthServer> =>
  startApache(
    `AuthType GSSAPI\n  GssapiAllowedMech krb5\n  GssapiCredStore keytab:${file('http.keytab')}\n  Require valid-user`,
    env,
  )

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
