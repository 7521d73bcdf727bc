/** Places of the page, as they stand after the `#` of its address. */

export const linkTo = {
  farms: () => '#/',
  target: (farm, target, parameters = {}) =>
    withParameters(
      target === 'balancer'
        ? `#/farm/${encode(farm)}/balancer`
        : `#/farm/${encode(farm)}/node/${encode(target)}`,
      parameters,
    ),
  events: (parameters) => withParameters('#/events', parameters),
}

const encode = encodeURIComponent

function withParameters(path, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '')
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}

/** Where an address leads to: a view and what it shows. */
export function placeOf(hash) {
  const [path, query = ''] = hash.replace(/^#/, '').split('?', 2)
  const parameters = Object.fromEntries(new URLSearchParams(query))
  const [first, farm, role, node] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode)
  if (first === 'events') return { view: 'events', parameters }
  if (first === 'farm' && role === 'balancer') return { view: 'target', farm, target: 'balancer', parameters }
  if (first === 'farm' && role === 'node' && node !== undefined)
    return { view: 'target', farm, target: node, parameters }
  return { view: 'overview', parameters }
}

function decode(text) {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
