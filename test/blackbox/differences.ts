/** Every way in which /probe answers otherwise than blackbox_exporter: held by the differential test, printed in the docs. */
export interface Difference {
  readonly what: string
  readonly theirs: string
  readonly ours: string
  readonly why: string
  /** It follows from the rest of the page, or cannot be seen in metrics; other tests hold it. */
  readonly heldBy?: string
}

export const differences = {
  newer: {
    what: '`probe_timeout_seconds`, `probe_tls_cipher_info`, the label `serialnumber`',
    theirs: 'in newer versions than the 0.23 of Debian',
    ours: 'always',
    why: 'they are those of the newest exporter',
  },
  certificate_kept: {
    what: 'The certificate of a handshake that ended in no answer: not accepted, or followed by silence',
    theirs: 'no `probe_ssl_*` and `probe_tls_*`: an expired certificate looks like an outage',
    ours: 'they are there',
    why: 'the expiry is known, and that is the moment at which it matters',
  },
  chain_expiry_unverified: {
    what: '`probe_ssl_last_chain_expiry_timestamp_seconds` with `insecure_skip_verify`',
    theirs: '-62135596800, the year 1, which fires every expiry alert',
    ours: 'absent, unless the chain can be verified, and then its expiry',
    why: 'there is no such time',
  },
  failed_phase: {
    what: 'The phase in which a probe failed',
    theirs: '0: a hanging site looks faster than a slow one',
    ours: 'the time that was spent in it',
    why: 'else averages get better in an outage',
  },
  regex_without_body: {
    what: 'A body that is cut off, resets or takes too long while an expression is to be looked for in it',
    theirs: '`probe_failed_due_to_regex` 1',
    ours: '0',
    why: 'no expression was looked for',
  },
  unfollowed_body: {
    what: 'The body of a redirect that is not followed',
    theirs: 'not read: its length is 0, and every expression fails',
    ours: 'read and judged as any other',
    why: 'it is there, and the module may say what is to be in it',
  },
  user_agent: {
    what: 'User-Agent, unless the module sets one',
    theirs: '`Blackbox Exporter/<version>`',
    ours: '`farmprobe/<version>`',
    why: 'logs should say who asked',
  },
  pinned_redirect: {
    what: 'A redirect to the host of the target, or to the `hostname` asked for',
    theirs: 'resolved anew: with `hostname` it leaves the node that was asked for',
    ours: 'the same address',
    why: 'a probe of a node is of that node',
  },
  redirect_elsewhere: {
    what: 'A redirect to a host that is not allowed',
    theirs: 'followed anywhere',
    ours: 'the probe fails, and `debug=true` says why',
    why: 'a probe must not be a way into the network',
  },
  credentials_elsewhere: {
    what: 'Credentials after a redirect to another host, or from TLS to plain HTTP',
    theirs: 'sent there too',
    ours: 'sent to the target only, as safely as it was asked for',
    why: 'they are meant for it',
  },
  deflate: {
    what: '`compression: deflate`',
    theirs: 'raw deflate only',
    ours: 'also the zlib format, which HTTP means by the name',
    why: 'servers send both',
  },
  long_bodies: {
    what: 'A body of more than 10 MiB in which something is looked for, or which is decoded',
    theirs: 'read whole, whatever its size',
    ours: 'the probe fails',
    why: 'many at once would fill the memory; without expressions and `compression` any length is counted',
    heldBy: 'body.test.ts',
  },
  escapes: {
    what: 'Characters in a target that a URL must escape',
    theirs: 'those in the query are sent as they are, which many servers refuse',
    ours: 'escaped',
    why: 'HTTP says so',
  },
  dot_segments: {
    what: '`/a/../b` in a target',
    theirs: 'sent as it is',
    ours: '`/b` is sent',
    why: 'what is asked for is what was checked',
  },
  time_out_header: {
    what: 'An X-Prometheus-Scrape-Timeout-Seconds that is no number',
    theirs: 'status 500',
    ours: 'status 400; one above 119.5 counts as 119.5',
    why: 'the fault is in the request',
  },
  useless_settings: {
    what: 'Settings with which no probe can succeed: `compression: zstd`, a certificate without its key, a header name with a blank',
    theirs: 'taken; each probe fails',
    ours: 'refused when the file is read',
    why: 'a mistake should show when it is made',
    heldBy: 'blackbox_modules.test.ts',
  },
  relative_files: {
    what: 'Relative names of files in the module file',
    theirs: 'start at the working directory',
    ours: 'start at the module file',
    why: 'as in all our files',
    heldBy: 'read_modules.test.ts',
  },
} as const satisfies Record<string, Difference>

export type DifferenceId = keyof typeof differences
