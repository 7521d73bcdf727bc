/** Parts of the alerts' expressions. */

/** The balancer's answers to scheduled probes. Bursts are not among them: they probe often in trouble only and would distort ratios. */
export const balancerAnswers = 'farmprobe_responses_total{role="balancer",lane="tick"}'
export const balancerGatewayErrors =
  'farmprobe_responses_total{role="balancer",lane="tick",code=~"502|503|504"}'

/** Internal faults of farmprobe say nothing about the farm. */
export const balancerProbes = 'farmprobe_probes_total{role="balancer",lane="tick",result!="internal"}'
export const balancerFailures = 'farmprobe_probes_total{role="balancer",lane="tick",result!~"ok|internal"}'

/**
 * Removes farms that were in maintenance within the time given, which must be a minute longer than the expression looks
 * back: otherwise failures during maintenance fire after it, and so do nodes that are still starting.
 */
export const unlessMaintained = (within: string): string =>
  `unless on (farm) max_over_time(farmprobe_in_maintenance[${within}]) == 1`

/** Indents the lines of an expression, for use inside another one. */
export const indent = (text: string, by = 2): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(by))
