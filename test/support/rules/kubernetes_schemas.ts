/** The schemas of Kubernetes and of the Prometheus operator, made strict: an unknown key, which they let pass, is found. */
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor'
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Service } from 'kubernetes-models/v1/Service'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'

/** An object as it is given to Kubernetes. */
export interface KubernetesObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
}

const kinds = [
  ConfigMap,
  NetworkPolicy,
  PodDisruptionBudget,
  PrometheusRule,
  Service,
  ServiceAccount,
  ServiceMonitor,
  StatefulSet,
]

/** What is wrong with an object of Kubernetes, by path; empty when nothing is. */
export function faultsOf(object: KubernetesObject): string[] {
  const kind = kinds.find(({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind)
  if (kind === undefined) return [`no schema for ${object.apiVersion} ${object.kind}`]
  const looked = new Set<string>()
  try {
    // Not `new kind(object)`, which would read every key itself.
    Reflect.apply(kind.prototype.validate, watched(object, '', looked), [])
  } catch (error) {
    return [(error as Error).message]
  }
  return neverLookedAt(object, '', looked)
}

/** The object, noting each key that is read: the schemas are compiled to code that reads every key they know. */
function watched<T extends object>(value: T, path: string, looked: Set<string>): T {
  return new Proxy(value, {
    get(target, key, receiver) {
      const at = `${path}/${String(key)}`
      looked.add(at)
      const child: unknown = Reflect.get(target, key, receiver)
      return isObject(child) ? watched(child, at, looked) : child
    },
    // Keys that are gone through, as those of labels are, may be any.
    ownKeys(target) {
      for (const key of Object.keys(target)) looked.add(`${path}/${key}`)
      return Reflect.ownKeys(target)
    },
  })
}

function neverLookedAt(value: object, path: string, looked: ReadonlySet<string>): string[] {
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => {
    const at = `${path}/${key}`
    if (!looked.has(at)) return [`${at} is unknown`]
    return isObject(child) ? neverLookedAt(child, at, looked) : []
  })
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
