/** Parts of expressions. */

/** What the balancer answers to scheduled probes: bursts are many probes in trouble only, and would bend a ratio. */
export const balancerAnswers = 'farmprobe_responses_total{role="balancer",lane="tick"}'
export const balancerGatewayErrors =
  'farmprobe_responses_total{role="balancer",lane="tick",code=~"502|503|504"}'

/** A fault of farmprobe's own says nothing about the farm. */
export const balancerProbes = 'farmprobe_probes_total{role="balancer",lane="tick",result!="internal"}'
export const balancerFailures = 'farmprobe_probes_total{role="balancer",lane="tick",result!~"ok|internal"}'

/**
 * Takes away farms that were in maintenance within the time given. To be a minute longer than the expression looks
 * back: otherwise what failed in maintenance fires after it, and so would what is only just coming back.
 */
export const unlessMaintained = (within: string): string =>
  `unless on (farm) max_over_time(farmprobe_in_maintenance[${within}]) == 1`

/** Moves the lines of an expression to the right, for a place inside another one. */
export const indent = (text: string, by = 2): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(by))
