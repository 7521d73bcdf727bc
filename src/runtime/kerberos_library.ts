/** The npm package `kerberos`, a native one that is installed beside farmprobe where a check asks for Kerberos. */

interface KerberosClient {
  /** Takes the server's token, empty at first, and gives ours, both in base64. */
  step(challenge: string): Promise<string | null>
}

interface KerberosLibrary {
  /** @throws Error when there are no credentials of the principal */
  initializeClient(
    service: string,
    options: { readonly principal: string; readonly mechOID: number },
  ): Promise<KerberosClient>
  readonly GSS_MECH_OID_SPNEGO: number
}

/** Not resolved by compilers and bundlers: it is no dependency of ours. */
const packageName: string = 'kerberos'

/** @throws Error that says what to install */
export async function loadKerberos(): Promise<KerberosLibrary> {
  try {
    return ((await import(packageName)) as { readonly default: KerberosLibrary }).default
  } catch (error) {
    const [why] = (error as Error).message.split('\n')
    throw new Error(
      'Kerberos needs the npm package kerberos beside farmprobe; run npm install kerberos in the folder that farmprobe ' +
        `is installed in, which also takes the system's libkrb5 (${why})`,
      { cause: error },
    )
  }
}

/**
 * Has libkrb5 fetch and renew its tickets with the keys in a file, and keep them in memory unless `KRB5CCNAME` says where. It
 * reads the environment of the process, which only the main thread can change.
 */
export function useKeytab(path: string): void {
  process.env['KRB5_CLIENT_KTNAME'] = `FILE:${path}`
  process.env['KRB5CCNAME'] ??= 'MEMORY:farmprobe'
}
