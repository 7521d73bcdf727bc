/** How the targets of the bench lie: farms of a balancer and four nodes, each target on a loopback address of its own. */

/** A balancer and four nodes. */
export const usualFarmSize = 5

/** The loopback addresses of so many targets, by farm. */
export function groups(targets: number, farmSize = usualFarmSize): string[][] {
  const all = Array.from({ length: targets }, (_, index) => address(index))
  const farms = Math.ceil(targets / farmSize)
  return Array.from({ length: farms }, (_, farm) => all.slice(farm * farmSize, (farm + 1) * farmSize))
}

function address(index: number): string {
  return `127.${1 + Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${1 + (index % 250)}`
}
