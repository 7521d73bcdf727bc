import type { Alert, AlertBoard } from './alert_board.ts'
import { alertmanagerAlert, resendMs } from './alertmanager_alert.ts'
import type { PostJson } from './post_json.ts'
import { type Around, createSendLoop } from './send_loop.ts'

/** As Prometheus sends them: more at once would be a large body. */
const mostAtOnce = 64

/** Keeps one Alertmanager informed: of changes at once, of everything each minute. */
export function startAlertmanagerSender(name: string, post: PostJson, board: AlertBoard, around: Around) {
  const { clock, links, setQueue } = around
  /** Alertmanager has everything up to this change. */
  let sentChange = 0
  const owed = (): Alert[] => board.since(sentChange).sort((a, b) => a.change - b.change)
  const next = () => {
    const all = owed()
    setQueue(name, all.length)
    const some = all.slice(0, mostAtOnce)
    const last = some.at(-1)?.change
    if (last === undefined) return undefined
    const sent = () => {
      sentChange = last
    }
    const json = JSON.stringify(some.map((alert) => alertmanagerAlert(alert, clock.wallMs(), links)))
    // What it refuses it gets again in a minute, as everything else.
    return { json, sent, refused: sent }
  }
  const loop = createSendLoop(name, post, next, around)
  const resend = () => {
    sentChange = 0
    board.forget(clock.wallMs())
    loop.wake()
    cancel = clock.after(resendMs, resend)
  }
  let cancel = clock.after(resendMs, resend)
  return {
    /** The board may have changed. */
    wake(): void {
      if (board.changes() === sentChange) return
      setQueue(name, owed().length)
      loop.wake()
    },
    async stop(): Promise<void> {
      cancel()
      await loop.stop()
    },
  }
}
