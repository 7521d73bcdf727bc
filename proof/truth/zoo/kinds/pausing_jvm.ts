/** A JVM that never restarts: its garbage collection stops the whole process for 0.5 to 2 s, again and again. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { Window } from '../../scores/windows.ts'
import type { Kind, NodeServer, NodeSetting } from '../kind.ts'
import { linesOf } from '../run/lines.ts'
import { apps } from './applications.ts'

/** Millions of live objects: a full collection takes about 45 ms a million on one core. */
const keptMillions = [12, 22, 40]
const everyS = 25

async function startPausing({ index, host, port, dir, env, start }: NodeSetting): Promise<NodeServer> {
  execFileSync('javac', ['-d', dir, join(apps, 'pausing', 'Pausing.java')])
  const log = join(dir, 'gc.log')
  const kept = keptMillions[index % keptMillions.length] ?? 12
  await start({
    command: 'java',
    args: [
      '-Xms1000m',
      '-Xmx1000m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      `-Xlog:safepoint:file=${log}:timemillis`,
      '-cp',
      dir,
      'Pausing',
      host,
      String(port),
      String(kept),
      String(everyS),
    ],
    env,
    output: join(dir, 'output'),
    listens: { host, port },
  })
  return { logs: () => ({ pauses: linesOf(log).flatMap(pauseIn) }) }
}

/** Shorter pauses do not matter. */
const leastPauseMs = 50

/** `[1795991646793ms] Safepoint "SerialCollect", …, Total: 1026489101 ns`, logged at the end of the pause. */
function pauseIn(line: string): Window[] {
  const [, atMs, totalNs] = /^\[(\d+)ms\].*Total:\s+(\d+) ns/.exec(line) ?? []
  const ms = Number(totalNs) / 1e6
  return ms >= leastPauseMs ? [{ fromMs: Number(atMs) - ms, toMs: Number(atMs) }] : []
}

export const pausingKinds: readonly Kind[] = [
  {
    name: 'pausing-jvm',
    about: 'no restarts: garbage collection stops the process for 0.5 to 2 s',
    needs: [
      ['java', 'default-jdk-headless'],
      ['javac', 'default-jdk-headless'],
    ],
    coldMs: 0,
    slowMs: 600,
    concurrency: { workers: 1, threads: 20 },
    cause: 'crash',
    balancer: { product: 'nginx', timeoutMs: 4000 },
    users: { perSecond: 2 },
    cpuPercent: 25,
    startNode: startPausing,
  },
]
