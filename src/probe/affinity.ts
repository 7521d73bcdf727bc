/**
 * Which value of a balancer's affinity cookie leads to which node, learned from its answers: ARR writes a hash of the
 * server, HAProxy and Apache what their configuration calls it, nginx either. An answer that sets the cookie says itself which
 * node it comes from, or shows a worker that a node has shown as well. Nothing is guessed from a hash.
 *
 * Values are kept here alone, in memory: some are session identifiers, and nobody else needs them.
 */
import { type NodeNames, nodeNames } from '../detect/attribution/served_node.ts'
import { type Farm, namesNodes, type Target } from '../model/farm.ts'
import type { Order, Outcome } from '../model/outcome.ts'
import type { Clock } from '../runtime/clock.ts'
import { valueSet } from './cookie_jar.ts'
import type { Answer } from './exchange/answer.ts'
import { isGatewayError } from './judge/extract.ts'

/** Workers that nodes have shown, the newest of them. */
const mostTokens = 256

/** What is known of one farm. */
interface Book {
  readonly farm: Farm
  readonly names: NodeNames
  /** Values by the name of the target that they lead to. */
  readonly values: Map<string, string>
  /** The node of each worker; undefined where two nodes have shown the same. */
  readonly tokens: Map<string, string | undefined>
  /** More values were seen than there are nodes: they name sessions, and no number can be given to a node. */
  isEndless: boolean
}

export function createAffinities(clock: Clock) {
  const books = new Map<string, Book>()

  function bookOf(farm: Farm): Book {
    const known = books.get(farm.name)
    if (known?.farm === farm) return known
    const isSame = known !== undefined && sourcesOf(known.farm) === sourcesOf(farm)
    const kept = isSame ? known : { values: new Map(), tokens: new Map(), isEndless: false }
    const book = { ...kept, farm, names: nodeNames(farm) }
    books.set(farm.name, book)
    return book
  }

  /** Takes in what an answer sets, and says which node it came from, where that is known. */
  function learnValue(book: Book, written: string | undefined, outcome: Outcome): string | undefined {
    const { values, names, tokens } = book
    const { servedBy, identity } = outcome
    const named =
      (servedBy === undefined ? undefined : names(servedBy)) ??
      (identity === undefined ? undefined : tokens.get(identity))
    if (written === undefined) return named
    const owner = named ?? ownerOf(book, written)
    if (owner !== undefined) values.set(owner, written)
    else if (!namesNodes(book.farm)) addNumber(book, written)
    return owner
  }

  return {
    /** The value that leads to a target; undefined while none is known. */
    valueOf: (farm: Farm, { name }: Target): string | undefined => bookOf(farm).values.get(name),
    /**
     * Takes in the answers of a probe, in their order. Of a probe through the balancer it returns the node that answered in
     * place of the one whose cookie was sent; undefined where it was the right one, or nobody knows.
     */
    learn(order: Order, answers: readonly Answer[], outcome: Outcome): string | undefined {
      const { farm, target } = order
      if (farm.affinity === undefined || isGatewayError(outcome.status)) return undefined
      const book = bookOf(farm)
      if (target.role === 'node') {
        if (outcome.identity !== undefined) addToken(book, outcome.identity, target.name)
        return undefined
      }
      const { cookie } = farm.affinity
      const set = answers.map(({ headers }) => valueSet(headers, cookie, clock.wallMs()))
      const owner = learnValue(
        book,
        set.findLast((value) => value !== undefined),
        outcome,
      )
      return target.role === 'through' && owner !== target.name ? owner : undefined
    },
    /** Forgets the farms that are gone. */
    retain(farms: readonly Farm[]): void {
      const names = new Set(farms.map(({ name }) => name))
      for (const name of books.keys()) if (!names.has(name)) books.delete(name)
    },
  }
}

/** What was learned holds as long as these are the same. Nodes that are named may come and go. */
function sourcesOf(farm: Farm): string {
  const { site, balancer, affinity, servedBy, nodes } = farm
  return JSON.stringify([site, balancer, affinity, servedBy, namesNodes(farm) || nodes])
}

function addToken({ tokens }: Book, token: string, node: string): void {
  const isShared = tokens.has(token) && tokens.get(token) !== node
  tokens.delete(token)
  tokens.set(token, isShared ? undefined : node)
  const [oldest] = tokens.keys()
  if (tokens.size > mostTokens && oldest !== undefined) tokens.delete(oldest)
}

/** Values get numbers in the order in which they are met. */
function addNumber(book: Book, value: string): void {
  const { farm, values } = book
  if (book.isEndless) return
  if (values.size < farm.nodes.length) values.set(`#${values.size + 1}`, value)
  else {
    book.isEndless = true
    values.clear()
  }
}

/** A value, unless it only names a node. */
export const sessionIn = (value: string, { nodes }: Farm): string | undefined =>
  nodes.some(({ name, host }) => [name, host].includes(value.split(/[|:]/, 1)[0] ?? '')) ? undefined : value

const ownerOf = ({ values }: Book, value: string): string | undefined =>
  [...values].find(([, known]) => routeOf(known) === routeOf(value))?.[0]

/**
 * The part of a value that is the server's. Apache writes a route after a point, behind a session or nothing; HAProxy writes
 * dates after a bar, where it limits how long a cookie is good for.
 */
const routeOf = (value: string): string =>
  (/^[^.]*\.([A-Za-z].*)$/.exec(value)?.[1] ?? value).split('|', 1)[0] ?? ''
