/** How a verb is described and run. */
import type { Command } from 'commander'
import type { Edge, LogOptions } from './process_edge.ts'

/** Runs a verb and keeps its exit code. */
export type Act = (options: LogOptions, run: (edge: Edge) => Promise<number>) => Promise<void>

export type AddVerb = (program: Command, act: Act) => void
