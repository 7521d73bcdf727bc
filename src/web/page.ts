import { html } from 'hono/html'
import type { Farm } from '../model/farm.ts'
import { hostPort, siteUrl } from './targets_view.ts'

const links = ['/metrics', '/config', '/sd', '/api/v1/farms', '/api/v1/events', '/-/healthy', '/-/ready']

/** The start page: what runs here, what it probes, and where the rest is. */
export function page(version: string, farms: readonly Farm[]) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>farmprobe</title>
</head>
<body>
<h1>farmprobe ${version}</h1>
<ul>${links.map((link) => html`<li><a href="${link}">${link}</a></li>`)}</ul>
<h2>Farms</h2>
${farms.length === 0 ? html`<p>None yet.</p>` : farms.map(farmSection)}
</body>
</html>
`
}

function farmSection(farm: Farm) {
  const checks = farm.checks.map(({ name }) => name).join(', ')
  return html`<h3>${farm.name}</h3>
<p>${siteUrl(farm.site)}, checks: ${checks}</p>
<ul>${[farm.balancer, ...farm.nodes].map((target) => html`<li>${target.name} ${hostPort(target)}</li>`)}</ul>`
}
