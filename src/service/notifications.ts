import { hostname } from 'node:os'
import type { Config } from '../config/config.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Receiver } from '../model/receiver.ts'
import { startNotifier } from '../notify/notifier.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Log } from '../runtime/log.ts'
import { systemRandom } from '../runtime/random.ts'

interface Around {
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly inMaintenance: (farm: string) => boolean
  /** The page's address, for links; a URL that ends in a slash. */
  readonly pageUrl: () => string
}

/** Tells the receivers that the configuration names, and counts what becomes of each attempt. */
export function startNotifications({ clock, log, metrics, inMaintenance, pageUrl }: Around) {
  const notifier = startNotifier({
    clock,
    log,
    inMaintenance,
    random: systemRandom,
    links: {
      incident: (id) => `${pageUrl()}#/incident/${encodeURIComponent(id)}`,
      runbook: (name) => `https://github.com/farmprobe/farmprobe/blob/main/docs/runbooks/${name}.md`,
    },
    count: (receiver, result) => metrics.add('farmprobe_notifications_total', { receiver, result }),
    setQueue: (receiver, length) => metrics.set('farmprobe_notification_queue_length', { receiver }, length),
  })
  return {
    ...notifier,
    async setReceivers(receivers: readonly Receiver[]): Promise<void> {
      await notifier.setReceivers(receivers)
      metrics.setReceivers(receivers.map(({ name }) => name))
    },
  }
}

/**
 * Where people open the page, as a URL that ends in a slash: what the configuration says, else where it is served, by this
 * machine's name where it is served on every address.
 */
export function pageUrlOf({ externalUrl, host }: Config['web'], servedAt: string): string {
  const url = new URL(externalUrl ?? servedAt)
  if (externalUrl === undefined && (host === '0.0.0.0' || host === '::')) url.hostname = hostname()
  return url.href.replace(/\/?$/, '/')
}
