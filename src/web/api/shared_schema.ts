/** The words that the schemas of events and incidents share. */
import { z } from 'zod'

export const atMs = z.number().describe('Wall time in milliseconds since the Unix epoch.')
export const ms = z.number().min(0).describe('Milliseconds.')
export const farm = z.string().describe('The name of a farm.')
export const check = z.string().describe('The name of a check.')
