/** The page's one tooltip. Only readers with a mouse see it, so its text is elsewhere on the page as well. */

const gap = 14
const tooltip = document.createElement('div')
tooltip.className = 'tooltip'
tooltip.hidden = true
document.body.append(tooltip)

export function showTooltip(text: string, { clientX, clientY }: PointerEvent): void {
  tooltip.hidden = false
  tooltip.textContent = text
  const { width, height } = tooltip.getBoundingClientRect()
  const left = Math.min(clientX + gap, innerWidth - width - 8)
  const below = clientY + gap
  tooltip.style.left = `${Math.max(8, left)}px`
  tooltip.style.top = `${below + height > innerHeight ? clientY - height - gap : below}px`
}

export function hideTooltip(): void {
  tooltip.hidden = true
}
