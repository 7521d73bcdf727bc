/** What `npm audit --json` prints, in words. */

interface Vulnerability {
  readonly name: string
  readonly severity: string
  readonly range?: string
}

export interface AuditReport {
  readonly vulnerabilities?: Readonly<Record<string, Vulnerability>>
  readonly metadata?: { readonly dependencies?: { readonly total?: number } }
  /** Why there is no report. */
  readonly message?: string
  readonly statusCode?: number
  readonly error?: { readonly summary?: string; readonly code?: string }
}

/** Any known vulnerability is bad, whatever its severity; a registry that cannot be asked is not, but is told. */
export function auditVerdict(report: AuditReport): {
  readonly lines: readonly string[]
  readonly isBad: boolean
} {
  const { vulnerabilities, metadata } = report
  if (vulnerabilities === undefined) {
    const why = report.statusCode ?? report.error?.code ?? report.message?.split('\n')[0] ?? 'no reason given'
    return {
      lines: [
        `NOT AUDITED: this registry does not answer npm audit (${why}); nothing is known of vulnerabilities`,
      ],
      isBad: false,
    }
  }
  const found = Object.values(vulnerabilities)
  const total = metadata?.dependencies?.total ?? 0
  return {
    lines: [
      ...found.map(({ name, severity, range = '' }) => `${severity}: ${name} ${range}`.trimEnd()),
      `npm audit: ${found.length} vulnerable of ${total} packages`,
    ],
    isBad: found.length > 0,
  }
}
