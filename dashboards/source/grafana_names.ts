/** Names and ids in Grafana that links, alert rules and provisioning files must agree on. */

/** The folder in Grafana for dashboards and alert rules; named by its title alone, so that either may be provisioned first. */
export const folder = { title: 'farmprobe' } as const

/** The data source that the stack provisions; dashboards take any, alert rules need this one. */
export const dataSource = { name: 'Prometheus', uid: 'prometheus' } as const

/** How often the stack's Prometheus scrapes; Grafana derives `$__rate_interval` from it. */
export const scrapeInterval = '5s'

/** Where Grafana finds the dashboard files, inside its container. */
export const dashboardsPath = '/etc/grafana/dashboards/farmprobe'

export const dashboardUids = {
  farm: 'farmprobe-farm',
  node: 'farmprobe-node',
  prober: 'farmprobe-prober',
} as const

export type DashboardName = keyof typeof dashboardUids

/** Panels by dashboard. A published number never changes: links and alert rules refer to it. */
export const panelIds = {
  farm: {
    verdictNow: 1,
    ratio502Now: 2,
    count502: 3,
    availability: 4,
    recycles: 5,
    firstRequest: 6,
    certificates: 7,
    verdicts: 10,
    blame: 11,
    ratio502: 12,
    errors502: 13,
    firstRequests: 14,
    firstByte: 15,
    availabilityOverTime: 16,
    targets: 17,
    balancerRow: 30,
    gatewayErrors: 31,
    answers: 32,
    balancerFirstByte: 33,
    servedBy: 34,
    blameOverTime: 35,
    verdictShare: 36,
    nodesRow: 40,
    failures: 41,
    outages: 42,
    recyclesOverTime: 43,
    stallsOverTime: 44,
    incidentsRow: 50,
    incidentsOpen: 51,
    incidentTime: 52,
    incidentList: 53,
    incidentsPerDay: 54,
  },
  node: {
    status: 1,
    availability: 2,
    slowness: 3,
    lastRecycle: 4,
    recycles: 5,
    outages: 6,
    blamed: 7,
    certificate: 8,
    phases: 10,
    firstByte: 11,
    reasons: 12,
    answers: 13,
    statusCode: 14,
    firstRequests: 15,
    firstRequest: 16,
    recyclesByEvidence: 17,
    outagesByReason: 18,
    outageLength: 19,
    blamedByCause: 20,
    gatewayErrors: 21,
    servedShare: 22,
    missedSlots: 23,
    recyclesBySide: 24,
    stalls: 25,
    stallLength: 26,
    timeRow: 30,
    recyclesRow: 31,
    failuresRow: 32,
    balancerRow: 33,
  },
  prober: {
    scraped: 1,
    configuration: 2,
    version: 3,
    uptime: 4,
    series: 5,
    lag: 6,
    missed: 7,
    suspect: 8,
    lagOverTime: 10,
    lagHeatmap: 11,
    missedSlots: 12,
    suspectSamples: 13,
    loopDelay: 14,
    probes: 15,
    inFlight: 16,
    restarts: 17,
    discovery: 18,
    reloads: 19,
    memory: 20,
    cpu: 21,
    mainLoop: 22,
    exposition: 23,
    scrapeTime: 24,
    files: 25,
    journalWrite: 26,
    journalSize: 27,
    scheduleRow: 30,
    probesRow: 31,
    processRow: 32,
    scrapesRow: 33,
  },
} as const satisfies Record<DashboardName, Readonly<Record<string, number>>>
