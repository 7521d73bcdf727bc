/** One farm: its state, and a row for the balancer and every node. */
import { h } from 'preact'
import { useMemo } from 'preact/hooks'
import { html, type Markup } from '../markup.ts'
import { stateLine, toneShape } from '../parts/shapes.ts'
import { conditionOf } from '../state/condition.ts'
import { type FarmNow, failingNodes, nodesOf } from '../state/farms_now.ts'
import { linkTo } from '../state/links.ts'
import { minuteMs, type TargetState } from '../state/page_state.ts'
import { isClockStopped, now } from '../state/server_clock.ts'
import { count, countOf, duration } from '../words/format.ts'
import { affinityWords } from '../words/through_words.ts'
import { ago, lasting, minuteTime } from '../words/times.ts'
import { Strip } from './strip.ts'

/** Failing nodes that are named; the others are counted. */
const mostNamed = 4

/** At most `mostRows` rows: hundreds are drawn over several frames. */
export function farmSection(one: FarmNow, mostRows: number): Markup {
  const { farm, targets } = one
  const minute = Math.floor(now() / minuteMs)
  const row = (target: TargetState) =>
    h(TargetRow, { key: target.target, target, minute, recycled: recycledWords(target) })
  return html`
    <section key=${farm.name} class="farm" aria-label="Farm ${farm.name}">
      <header>
        <h3><a href=${linkTo.farm(farm.name)}>${farm.name}</a></h3>
        <span class="url">${farm.url}</span>
        ${stateOf(one)}
      </header>
      <p class="nodes">${nodesWords(one)} ${affinityWords(one)}</p>
      <table role="table" class="targets">
        ${tableHead('Target')}
        <tbody role="rowgroup">${targets.slice(0, mostRows).map(row)}</tbody>
      </table>
    </section>`
}

export const tableHead = (first: string): Markup => html`
  <thead role="rowgroup"><tr role="row">
    ${[first, 'State', 'First byte', 'Last hour', 'Last recycle'].map(
      (words) => html`
        <th role="columnheader" scope="col" class="is-${words.toLowerCase().replace(' ', '-')}">
          ${words}
          ${
            words === 'Last hour' &&
            html`<span class="hour-end" aria-hidden="true">${isClockStopped() ? minuteTime(now()) : 'now'}</span>`
          }
        </th>`,
    )}
  </tr></thead>`

/** The state of a farm: shape, sentence and for how long. */
function stateOf({ farm, condition: { tone, words, check, sinceMs, verdict } }: FarmNow): Markup {
  const maintenance = farm.maintenance ? ' (maintenance)' : ''
  if (sinceMs === undefined) return stateLine(tone, words + maintenance, '')
  const which = farm.checks.length > 1 && verdict !== 'ok' ? `${check}, ` : ''
  return stateLine(tone, words + maintenance, which + lasting(sinceMs))
}

function nodesWords(one: FarmNow): string {
  const { checks } = one.farm
  const nodes = nodesOf(one).length
  const failing = failingNodes(one).map(({ target }) => target)
  const names = checks.map(({ name }) => name).join(', ')
  if (failing.length === 0)
    return `${count(nodes, 'node')}; ${checks.length === 1 ? 'check' : 'checks'} ${names}`
  const others = failing.length > mostNamed ? ` and ${failing.length - mostNamed} more` : ''
  const which = failing.slice(0, mostNamed).join(', ')
  return `${countOf(failing.length, nodes, 'node')} ${failing.length === 1 ? 'fails' : 'fail'}: ${which}${others}`
}

function recycledWords({ role, lastRecycleMs }: TargetState): string {
  if (role === 'balancer') return ''
  return lastRecycleMs === null ? '–' : ago(lastRecycleMs)
}

interface RowProps {
  readonly target: TargetState
  /** The minute on the right of the strip. */
  readonly minute: number
  readonly recycled: string
}

/** Redrawn only when one of its properties changes: a farm of 200 nodes costs no more than what changes in it. */
function TargetRow({ target, minute, recycled }: RowProps): Markup {
  return useMemo(() => {
    const { tone, words } = conditionOf(target)
    return html`
      <tr role="row" data-role=${target.role} data-tone=${tone}>
        <th role="rowheader" scope="row" class="is-target">
          <a href=${linkTo.target(target.farm, target.target)} title=${target.address}>${target.target}</a>
        </th>
        <td role="cell" class="is-state">
          <span class="icon">${toneShape(tone)}</span><span class="words">${words}</span>
        </td>
        ${firstByteCell(target)}
        <td role="cell" class="is-last-hour">${h(Strip, { target, lastMinute: minute })}</td>
        <td role="cell" class="is-last-recycle">${recycled}</td>
      </tr>`
  }, [target, minute, recycled])
}

/** The newest time to first byte, and the usual one. */
export function firstByteCell(target: TargetState): Markup {
  const { check = target.checks[0] } = conditionOf(target)
  const firstByteMs = check?.last?.firstByteMs
  const usualMs = check?.baselineMs ?? undefined
  return html`
    <td role="cell" class="is-first-byte">
      <span class="number">${firstByteMs === undefined ? '–' : duration(firstByteMs)}</span>
      <span class="usual">${usualMs !== undefined && `usually ${duration(usualMs)}`}</span>
    </td>`
}
