import type { Fault } from '../fault.ts'
import { attackFaults } from './attacks.ts'
import { bodyFaults } from './bodies.ts'
import { clockFaults } from './clock.ts'
import { configFaults } from './config.ts'
import { dnsFaults } from './dns.ts'
import { loadFaults } from './load.ts'
import { machineFaults } from './machine.ts'
import { proberFaults } from './prober.ts'
import { resourceFaults } from './resources.ts'
import { targetFaults } from './targets.ts'
import { tlsFaults } from './tls.ts'

export const families: Readonly<Record<string, readonly Fault[]>> = {
  targets: targetFaults,
  bodies: bodyFaults,
  tls: tlsFaults,
  dns: dnsFaults,
  prober: proberFaults,
  resources: resourceFaults,
  clock: clockFaults,
  config: configFaults,
  load: loadFaults,
  attacks: attackFaults,
  machine: machineFaults,
}
