/**
 * Markup as templates. A value in a template becomes text, an attribute or an element; it is never parsed as HTML,
 * whatever a probed server put into it. Components are created by preact's `h`, which checks the types of their
 * properties, as a template does not.
 */
import htm from 'htm'
import { type ComponentChildren, h } from 'preact'

export type Markup = ComponentChildren

export const html: (strings: TemplateStringsArray, ...values: unknown[]) => Markup = htm.bind(h)
