import { eventually } from '../eventually.ts'
import { type ScriptedNode, startScriptedNode } from '../servers/scripted_node.ts'
import type { RealBalancer } from './real_balancer.ts'

interface Described {
  readonly balancer: string
  readonly nodes: readonly { readonly name: string; readonly address: string }[]
  /** Keys of the one check, `home`. */
  readonly check?: object
  /** Further keys of the farm. */
  readonly farm?: object
}

/** A configuration with one farm, `shop`, and one check, `home`. */
export function shopConfig({ balancer, nodes, check, farm }: Described): object {
  const shop = {
    name: 'shop',
    url: 'http://shop.test/',
    address: balancer,
    nodes: nodes.map(({ name, address }) => ({ name, address })),
    identity: { header: 'X-Worker' },
    served_by: { header: 'X-Node' },
    checks: [{ name: 'home', path: '/', ...check }],
    ...farm,
  }
  return { farms: [shop] }
}

/** Nodes that end with the test. */
export interface ScriptedNodes extends AsyncDisposable {
  readonly all: readonly ScriptedNode[]
  named(name: string): ScriptedNode
}

export async function startScriptedNodes(...names: string[]): Promise<ScriptedNodes> {
  const all = await Promise.all(names.map((name) => startScriptedNode(name)))
  return {
    all,
    named(name) {
      const found = all.find((node) => node.name === name)
      if (found === undefined) throw new Error(`no node ${name}`)
      return found
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((node) => node[Symbol.asyncDispose]()))
    },
  }
}

/** Waits until the balancer has answered `count` more requests of farmprobe's. */
export async function moreAnswers(balancer: RealBalancer, count: number): Promise<void> {
  const answered = async () => (await balancer.log()).length
  const before = await answered()
  await eventually(`${count} more answers of the balancer`, answered, (now) => now >= before + count)
}
