/** The detectors of a farm, in the order in which they take in an outcome. A new one is a file and a line here. */
import { createAttribution } from './attribution/attribution.ts'
import { createBaselines } from './baselines.ts'
import type { Detector, Emit } from './detector.ts'
import { createIncidents, type IncidentOptions } from './incident/incidents.ts'
import { createLinks } from './node_links.ts'
import { createOutages } from './outages.ts'
import { createRecentAnswers } from './recent_answers.ts'
import { createColdStarts, type OnJudged } from './recycle/cold_starts.ts'
import { createDeploys } from './recycle/deploys.ts'
import { createFirstRequests } from './recycle/first_requests.ts'
import { createHabits } from './recycle/habits.ts'
import { createIdentities } from './recycle/identities.ts'
import { createIdentityFinder } from './recycle/identity_finder.ts'
import { createRecycles } from './recycle/recycles.ts'
import { createStoppedPools } from './recycle/stopped_pools.ts'
import { createWaitLengths } from './recycle/wait_lengths.ts'
import { createStalls } from './stall/stalls.ts'
import { createVerdicts } from './verdicts.ts'

export interface DetectorOptions extends IncidentOptions {
  /** Called with every silence that is judged without identity: the weights of its evidence are fitted so. */
  readonly onJudged?: OnJudged
}

/** Fresh detectors. Each is saved under its name here. */
export function createDetectors(emit: Emit, { onJudged, ...options }: DetectorOptions = {}) {
  const baselines = createBaselines()
  const recycles = createRecycles(emit, baselines)
  const answers = createRecentAnswers()
  const lengths = createWaitLengths()
  const identityFinder = createIdentityFinder(emit)
  const identities = createIdentities(emit, recycles)
  const habits = createHabits(emit, recycles)
  const links = createLinks(emit, { answers })
  const coldStarts = createColdStarts({ answers, baselines, identities, lengths, recycles, onJudged })
  return {
    // First: what the others conclude from an outcome is a part of the incident that it opens.
    incidents: createIncidents(emit, options),
    verdicts: createVerdicts(emit),
    outages: createOutages(emit),
    baselines,
    recycles,
    stoppedPools: createStoppedPools(recycles),
    answers,
    identityFinder,
    identities,
    lengths,
    stalls: createStalls(emit, { answers, baselines, onSilence: coldStarts.judge }),
    coldStarts,
    firstRequests: createFirstRequests(emit, { answers, baselines, identities, recycles }),
    links,
    attribution: createAttribution(emit, { answers, identities, links, recycles }),
    habits,
    deploys: createDeploys(emit, habits),
  } satisfies Record<string, Detector>
}
