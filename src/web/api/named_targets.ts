/** The farm, target and check that a request names, which must exist. */
import type { Farm, Target } from '../../model/farm.ts'
import type { About } from '../../model/past.ts'
import type { Ports } from '../web_ports.ts'
import { Refusal } from './refusal.ts'

/** @throws Refusal when there is no such farm */
export function farmNamed(ports: Ports, wanted: string): Farm {
  const farms = ports.farms()
  const farm = farms.find(({ name }) => name === wanted)
  if (farm !== undefined) return farm
  const names = farms.map(({ name }) => name).join(', ') || 'none yet'
  throw new Refusal(404, `there is no farm ${JSON.stringify(wanted)}; the farms are ${names}`)
}

/** @throws Refusal when the farm has no such target */
export function targetNamed({ name, balancer, nodes }: Farm, wanted: string): Target {
  const target = [balancer, ...nodes].find((each) => each.name === wanted)
  if (target !== undefined) return target
  throw new Refusal(404, `farm ${JSON.stringify(name)} has no target ${JSON.stringify(wanted)}`)
}

/**
 * The names of one series; the first check of the target when none is named.
 * @throws Refusal when the farm, the target or the check does not exist
 */
export function seriesNamed(about: About, ports: Ports): Record<keyof About, string> {
  if (about.farm === undefined || about.target === undefined)
    throw new Refusal(400, 'name a farm and a target: ?farm=<name>&target=<node, or balancer>')
  const farm = farmNamed(ports, about.farm)
  const target = targetNamed(farm, about.target)
  const checks = farm.checks.filter((check) => check.targets.includes(target.role)).map(({ name }) => name)
  const { check = checks[0] ?? '' } = about
  if (about.check !== undefined && !checks.includes(check))
    throw new Refusal(
      404,
      `${target.name} has no check ${JSON.stringify(check)}; it has ${checks.join(', ') || 'none'}`,
    )
  return { farm: farm.name, target: target.name, check }
}
