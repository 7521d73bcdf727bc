/** What the kernel knows of a process. */
import { readdirSync } from 'node:fs'

/** Descriptors that it has open. */
export const descriptorsOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

export const threadsOf = (pid: number): number => readdirSync(`/proc/${pid}/task`).length
