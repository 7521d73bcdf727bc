/** Questions to the server. */

/** What the server said in place of an answer. */
export class Refused extends Error {}

/**
 * The answer to a GET; parameters that are undefined are left out.
 * @throws Refused with the server's own words, or TypeError when it cannot be reached
 */
export async function ask(path, parameters = {}, signal) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '')
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]))
  return answerOf(await fetch(given.length === 0 ? path : `${path}?${query}`, { signal }))
}

/** Sends a change. */
export async function send(path, body) {
  const headers = { 'Content-Type': 'application/json' }
  return answerOf(await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) }))
}

async function answerOf(response) {
  if (response.ok) return response.json()
  const text = await response.text()
  throw new Refused(errorIn(text) ?? `the server answered ${response.status}`)
}

/** What a failed question says of itself. */
export const wordsOf = (error) => (error instanceof Error ? error.message : String(error))

function errorIn(text) {
  try {
    return JSON.parse(text).error
  } catch {
    return undefined
  }
}
