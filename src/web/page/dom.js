/** Elements are made here and nowhere else: text always becomes text, whatever a probed server put into it. */

const svgNames = new Set(['svg', 'path', 'g', 'title', 'rect', 'circle'])

/**
 * An element with attributes (`onclick` and the like are listeners, undefined and false are left out) and children
 * (elements, text, lists of both; undefined, null and false are left out).
 */
export function h(name, attributes = {}, ...children) {
  const element = svgNames.has(name)
    ? document.createElementNS('http://www.w3.org/2000/svg', name)
    : document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else element.setAttribute(key, value === true ? '' : String(value))
  }
  append(element, children)
  return element
}

/** Replaces all children. */
export function fill(element, ...children) {
  element.replaceChildren()
  append(element, children)
  return element
}

function append(element, children) {
  for (const child of children.flat(Infinity))
    if (child !== undefined && child !== null && child !== false) element.append(child)
}

/** Writes text only where it is another: what does not change is not laid out again. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** Sets an attribute only where it is another. */
export function set(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}
