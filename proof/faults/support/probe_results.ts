import { Miss, type RunningFarmprobe } from '../fault.ts'

/** `reset 40, ok 2`, most frequent first. */
export const words = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ')

/** Waits for so many probes of a farm, and that they all have one of the reasons; says how many had which. */
export async function onlyReasons(
  farmprobe: RunningFarmprobe,
  farm: string,
  reasons: readonly string[],
  atLeast: number,
): Promise<string> {
  const count = async () => Object.values(await farmprobe.results(farm)).reduce((sum, each) => sum + each, 0)
  await farmprobe.until(
    `${atLeast} probes of ${farm}`,
    async () => (await count()) >= atLeast,
    10_000 + 100 * atLeast,
  )
  const results = await farmprobe.results(farm)
  const others = Object.keys(results).filter((reason) => !reasons.includes(reason))
  if (others.length > 0) throw new Miss(`probes were ${words(results)}`)
  return words(results)
}
