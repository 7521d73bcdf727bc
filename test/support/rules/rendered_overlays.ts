/** What kustomize makes of the overlays, as data. */
import { readFileSync } from 'node:fs'
import { parseAllDocuments } from 'yaml'
import { type Overlay, renderedFile } from '../../../tools/render.ts'
import type { KubernetesObject } from './kubernetes_schemas.ts'

type Labels = Readonly<Record<string, string>>

interface Selector {
  readonly matchLabels?: Labels
}

interface HttpProbe {
  readonly httpGet: { readonly path: string; readonly port: string }
}

interface Container {
  readonly image: string
  readonly args: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[]
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
  readonly startupProbe: HttpProbe
  readonly readinessProbe: HttpProbe
  readonly livenessProbe: HttpProbe
  readonly resources: {
    readonly requests: Labels
    readonly limits: Labels
  }
  readonly securityContext: object
  readonly volumeMounts: readonly {
    readonly name: string
    readonly mountPath: string
    readonly readOnly?: boolean
  }[]
}

export interface StatefulSet extends KubernetesObject {
  readonly spec: {
    readonly replicas: number
    readonly serviceName: string
    readonly selector: Selector
    readonly template: {
      readonly metadata: { readonly labels: Labels }
      readonly spec: {
        readonly automountServiceAccountToken: boolean
        readonly serviceAccountName: string
        readonly enableServiceLinks: boolean
        readonly terminationGracePeriodSeconds: number
        readonly securityContext: Readonly<Record<string, unknown>>
        readonly containers: readonly [Container]
        readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[]
      }
    }
    readonly volumeClaimTemplates: readonly { readonly metadata: { readonly name: string } }[]
  }
}

export interface Service extends KubernetesObject {
  readonly spec: {
    readonly selector: Labels
    readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[]
  }
}

export interface Selecting extends KubernetesObject {
  readonly spec: { readonly selector: Selector }
}

export interface ServiceMonitor extends Selecting {
  readonly spec: Selecting['spec'] & {
    readonly jobLabel: string
    readonly endpoints: readonly { readonly port: string; readonly path: string }[]
  }
}

export interface NetworkPolicy extends KubernetesObject {
  readonly spec: {
    readonly podSelector: Selector
    readonly ingress: readonly { readonly ports: readonly { readonly port: string | number }[] }[]
  }
}

/** The objects of a YAML text. */
export const objectsIn = (text: string): KubernetesObject[] =>
  parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject)

/** The objects of an overlay as it was rendered. */
export const objectsOf = (overlay: Overlay): KubernetesObject[] =>
  objectsIn(readFileSync(renderedFile(overlay), 'utf8'))

/** Those of one kind. */
export const only = <T extends KubernetesObject>(objects: readonly KubernetesObject[], kind: string): T[] =>
  objects.filter((object) => object.kind === kind) as T[]

/** Whether a selector means what carries these labels. */
export const selects = ({ matchLabels = {} }: Selector, labels: Labels = {}): boolean =>
  Object.keys(matchLabels).length > 0 &&
  Object.entries(matchLabels).every(([name, value]) => labels[name] === value)
