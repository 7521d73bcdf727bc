/** The bodies that webhooks are sent. */
import type { Webhook } from '../model/receiver.ts'
import type { Links } from './alertmanager_alert.ts'
import type { Announcement } from './announcements.ts'
import { type Message, messageOf } from './message.ts'

type Format = (announcement: Announcement, links: Links) => unknown

/** For programs: the incident as `/api/v1/incidents/{id}` has it, without its events. */
const json: Format = ({ occasion, incident }, links) => ({
  version: 1,
  event: `incident_${occasion}`,
  incident,
  links: { incident: links.incident(incident.id), runbook: links.runbook(incident.runbook) },
})

const tones = { bad: 'Attention', warning: 'Warning', good: 'Good' } as const

/**
 * An Adaptive Card in a message, as the Workflows app of Teams ("Send webhook alerts to a channel") takes it; version 1.2 is
 * what every client shows. Sources: https://learn.microsoft.com/en-us/connectors/teams/#request-body-schema, and Alertmanager's
 * `msteamsv2` (https://github.com/prometheus/alertmanager/blob/main/notify/msteamsv2/msteamsv2.go), which posts the same.
 */
const teams: Format = (announcement, links) => {
  const { title, tone, summary, facts, cure, page, runbook } = messageOf(announcement, links)
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.2',
          msteams: { width: 'Full' },
          body: [
            textBlock(title, { weight: 'Bolder', size: 'Medium', style: 'heading', color: tones[tone] }),
            textBlock(summary),
            { type: 'FactSet', facts: facts.map(([name, value]) => ({ title: name, value: inCard(value) })) },
            textBlock(cure),
          ],
          actions: [
            { type: 'Action.OpenUrl', title: 'Incident', url: page },
            { type: 'Action.OpenUrl', title: 'Runbook', url: runbook },
          ],
        },
      },
    ],
  }
}

const textBlock = (words: string, more = {}) => ({
  type: 'TextBlock',
  text: inCard(words),
  wrap: true,
  ...more,
})

/** Text blocks read a part of Markdown; a name must not become a link or a heading. */
const inCard = (words: string): string => words.replaceAll(/[\\`*_[\]]/g, '\\$&')

const marks = { bad: ':red_circle:', warning: ':large_orange_circle:', good: ':large_green_circle:' } as const

/**
 * Blocks with a plain text for notifications, for an incoming webhook of Slack. Sources:
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks and, for the 3000 characters of a text,
 * https://docs.slack.dev/reference/block-kit/composition-objects/text-object
 */
const slack: Format = (announcement, links) => {
  const message = messageOf(announcement, links)
  const { title, tone, summary, facts, cure } = message
  const named = facts.map(([name, value]) => `${name}: ${value}`).join(' · ')
  return {
    text: inSlack(`${title}. ${summary}`),
    blocks: [
      section(`${marks[tone]} *${inSlack(title)}*\n${inSlack(summary)}`),
      section(`${inSlack(cure)}\n${slackLinks(message)}`),
      { type: 'context', elements: [slackText(inSlack(named))] },
    ],
  }
}

const slackText = (text: string) => ({ type: 'mrkdwn', text: text.slice(0, 3000), verbatim: true })
const section = (text: string) => ({ type: 'section', text: slackText(text) })
const slackLinks = ({ page, runbook }: Message) =>
  `<${inSlack(page)}|Incident> · <${inSlack(runbook)}|Runbook>`

/** These three would begin a mention or a link. Source: https://docs.slack.dev/messaging/formatting-message-text */
const inSlack = (words: string): string =>
  words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const formats: Readonly<Record<Webhook['format'], Format>> = { json, teams, slack }

export const webhookBody = (format: Webhook['format'], announcement: Announcement, links: Links): string =>
  JSON.stringify(formats[format](announcement, links))
