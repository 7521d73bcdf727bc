import { assert, asyncProperty, boolean, constantFrom, string } from 'fast-check'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { once } from '../../src/cli/once.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { quietLog } from '../support/quiet_log.ts'
import { encoders } from '../support/secrets/encoders.ts'
import { startHttpServer } from '../support/servers/http_server.ts'
import { challengeOf } from '../support/servers/ntlm_server.ts'
import { type TempDir, tempDir } from '../support/temp_dir.ts'

type Kind = 'ntlm' | 'negotiate' | 'basic' | 'bearer'

/** Keys of a check with a secret; a keytab's content is one, and so are its places in the file. */
const keysOf: Readonly<Record<Kind, (secret: string, dir: TempDir) => Promise<object>>> = {
  ntlm: async (password) => ({ auth: { ntlm: { user: 'DOM\\probe', password } } }),
  negotiate: async (secret, dir) => ({
    auth: {
      negotiate: { principal: 'probe@EXAMPLE.ORG', keytab_file: await dir.write('probe.keytab', secret) },
    },
  }),
  basic: async (password) => ({ auth: { basic: { username: 'probe', password } } }),
  bearer: async (token) => ({ auth: { bearer: token } }),
}

const challenge = challengeOf('WEB01').toString('base64')

/** Runs `once` on a farm with this check; everything that it writes. */
async function written(dir: TempDir, port: number, check: object, isJson: boolean): Promise<string> {
  const farm = {
    name: 'shop',
    url: `http://127.0.0.1:${port}`,
    identity: { header: 'X-Echo' },
    served_by: { header: 'X-Echo' },
    checks: [{ name: 'home', timeout: '5s', ...check }],
  }
  const config = await dir.write('farm.yaml', stringify({ farms: [farm] }))
  const { log, lines } = quietLog()
  const text: string[] = []
  const stream = { write: (piece: string) => text.push(piece), isTTY: false }
  const edge = {
    stdout: stream,
    stderr: stream,
    env: {},
    clock: systemClock,
    log,
    platform: 'linux',
  } as const
  const signals = { on: () => undefined, off: () => undefined }
  const code = await once({ config, ...(isJson && { json: true }) }, { ...edge, signals })
  // Without the package that Kerberos needs, the configuration is refused.
  expect([1, 2]).toContain(code)
  expect(text.join('').length).toBeGreaterThan(60)
  return [...text, ...lines.map((line) => JSON.stringify(line))].join('\n')
}

test.each(['ntlm', 'negotiate', 'basic', 'bearer'] as const)(
  'nothing that once writes has a secret of %s in it, whatever the page and its headers repeat',
  async (kind) => {
    const spelling = constantFrom(...Object.values(encoders))
    const ascii = { unit: 'grapheme-ascii', minLength: 8, maxLength: 30 } as const
    await assert(
      asyncProperty(string(ascii), spelling, boolean(), boolean(), async (random, show, isJson, accepts) => {
        // A token is one word; a dollar sign begins a variable of the configuration.
        const secret = `Zq7${kind === 'bearer' ? encodeURIComponent(random).replaceAll(/[^\w.~+/-]/g, '-') : random.trim().replaceAll('$', '&')}`
        const seen: string[] = []
        await using dir = await tempDir()
        await using server = await startHttpServer(({ headers: { authorization = '' } }, response) => {
          const [, token = ''] = authorization.split(' ')
          const message = Buffer.from(token, 'base64')[8]
          if (authorization !== '') seen.push(token)
          const offer =
            kind === 'ntlm' && message === 1 ? `NTLM ${challenge}` : kind === 'ntlm' ? 'NTLM' : 'Negotiate'
          const isIn = accepts && (kind === 'ntlm' ? message === 3 : kind !== 'negotiate')
          response.writeHead(isIn ? 200 : 401, {
            'WWW-Authenticate': offer,
            'X-Echo': encodeURIComponent(show(`${authorization} ${secret}`)),
          })
          response.end(`${show(authorization)} ${show(secret)} ${authorization} ${secret}`)
        })
        const check = { ...(await keysOf[kind](secret, dir)), expect: { body: { contains: 'no such text' } } }
        const all = (await written(dir, server.port, check, isJson)).toLowerCase()
        // The beginning of an NTLM message is the same everywhere, and says nothing.
        const secrets = [secret, ...seen.filter(({ length }) => length > 20).map((token) => token.slice(-20))]
        const leaked = secrets.flatMap((each) =>
          Object.entries(encoders).filter(([, encode]) => all.includes(encode(each).toLowerCase())),
        )
        expect(leaked.map(([by]) => by)).toEqual([])
      }),
      { numRuns: 40 },
    )
  },
  60_000,
)
