/** Many farms, one line each. */
import { h } from 'preact'
import { useMemo } from 'preact/hooks'
import { html, type Markup } from '../markup.ts'
import { toneShape } from '../parts/shapes.ts'
import type { FarmNow } from '../state/farms_now.ts'
import { linkTo } from '../state/links.ts'
import { minuteMs, type TargetState } from '../state/page_state.ts'
import { now } from '../state/server_clock.ts'
import { count } from '../words/format.ts'
import { ago } from '../words/times.ts'
import { firstByteCell, tableHead } from './farm_section.ts'
import { Strip } from './strip.ts'

export function farmRows(farms: readonly FarmNow[], title: string): Markup {
  const minute = Math.floor(now() / minuteMs)
  return html`
    <section class="farm many" aria-label=${title}>
      <header><h3>${title}</h3></header>
      <table role="table" class="targets">
        ${tableHead('Farm')}
        <tbody role="rowgroup">
          ${farms.map((one) => {
            const { tone, words } = one.condition
            const name = one.farm.name
            const nodes = one.targets.filter(({ role }) => role === 'node').length
            const state = tone === 'ok' ? 'ok' : words
            const maintained = one.farm.maintenance ? 'maintenance' : undefined
            const properties = { name, tone, state: maintained ?? state, nodes, minute }
            return h(FarmRow, { key: name, ...properties, ...whole(one.targets) })
          })}
        </tbody>
      </table>
    </section>`
}

interface RowProps {
  readonly name: string
  readonly tone: FarmNow['condition']['tone']
  readonly state: string
  readonly nodes: number
  readonly minute: number
  /** The balancer, with the recycles and stalls of all nodes. */
  readonly target: TargetState | undefined
  /** Changes whenever `target` does. */
  readonly version: string
  readonly recycledMs: number
}

function FarmRow({ name, tone, state, nodes, minute, target, version, recycledMs }: RowProps): Markup {
  const recycled = recycledMs === 0 ? '–' : ago(recycledMs)
  return useMemo(
    () => html`
      <tr role="row" data-tone=${tone}>
        <th role="rowheader" scope="row" class="is-target"><a href=${linkTo.farm(name)}>${name}</a></th>
        <td role="cell" class="is-state">
          <span class="icon">${toneShape(tone)}</span>
          <span class="words">${state} <small>${count(nodes, 'node')}</small></span>
        </td>
        ${target && firstByteCell(target)}
        <td role="cell" class="is-last-hour">${target && h(Strip, { target, lastMinute: minute })}</td>
        <td role="cell" class="is-last-recycle">${recycled}</td>
      </tr>`,
    [name, tone, state, nodes, minute, version, recycled],
  )
}

/** A farm as if it were one target. */
function whole(targets: readonly TargetState[]): Pick<RowProps, 'target' | 'version' | 'recycledMs'> {
  const [first] = targets
  const recycledMs = targets.reduce((latest, { lastRecycleMs }) => Math.max(latest, lastRecycleMs ?? 0), 0)
  if (first === undefined) return { target: undefined, version: '', recycledMs }
  const recycledAtMs = targets.flatMap((each) => each.recycledAtMs)
  const stalls = targets.flatMap((each) => each.stalls)
  const last = first.checks.map((each) => `${each.last?.atMs} ${each.baselineMs}`).join()
  return {
    target: { ...first, recycledAtMs, stalls },
    version: `${last} ${recycledAtMs.length} ${stalls.length} ${first.cells.size}`,
    recycledMs,
  }
}
