/** The one tooltip of the page. What it says is said elsewhere too: it is for those with a mouse. */
import { write } from './dom.js'

const gap = 14

/** Shows text beside the pointer; undefined hides it. */
export function showTooltip(text, event) {
  const tooltip = document.getElementById('tooltip')
  tooltip.hidden = text === undefined
  if (text === undefined) return
  write(tooltip, text)
  const { width, height } = tooltip.getBoundingClientRect()
  const left = Math.min(event.clientX + gap, innerWidth - width - 8)
  const below = event.clientY + gap
  tooltip.style.left = `${Math.max(8, left)}px`
  tooltip.style.top = `${below + height > innerHeight ? event.clientY - height - gap : below}px`
}
