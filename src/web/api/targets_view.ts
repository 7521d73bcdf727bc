/** Farms and their targets as other programs read them: names and addresses, and nothing that could hold a secret. */
import { type Check, type Farm, type Site, type Target, targetsOf } from '../../model/farm.ts'

const defaultPorts = { http: 80, https: 443 } as const

/** The address users reach, with its port only when it is not the scheme's own. */
export function siteUrl({ scheme, hostname, port }: Site): string {
  return `${scheme}://${hostname}${port === defaultPorts[scheme] ? '' : `:${port}`}`
}

/** `host:port`; an IPv6 address in brackets. */
export function hostPort({ host, port }: Pick<Target, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** A query may hold a token: the path is shown without it. */
export function checkView({ name, method, path, schedule, timeoutMs, targets, canary }: Check) {
  return { name, method, path: path.replace(/[?#].*$/s, ''), schedule, timeoutMs, targets, canary }
}

/** The targets that are probed, in the format of Prometheus's http_sd. */
export function serviceDiscovery(farms: readonly Farm[]) {
  return farms.flatMap((farm) =>
    [farm.balancer, ...farm.nodes]
      .map((target) => ({
        target,
        checks: farm.checks.filter((check) => targetsOf(farm, check).includes(target)),
      }))
      .filter(({ checks }) => checks.length > 0)
      .map(({ target, checks }) => ({
        targets: [hostPort(target)],
        labels: {
          __meta_farmprobe_farm: farm.name,
          __meta_farmprobe_role: target.role,
          __meta_farmprobe_target: target.name,
          __meta_farmprobe_scheme: target.scheme,
          __meta_farmprobe_url: siteUrl(farm.site),
          // Commas at both ends, as Prometheus's own list labels have: a regular expression can match a whole name.
          __meta_farmprobe_checks: `,${checks.map(({ name }) => name).join(',')},`,
        },
      })),
  )
}
