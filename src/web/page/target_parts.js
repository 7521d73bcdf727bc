/** What the page of a target is made of. */
import { wordsOf } from './api.js'
import { now } from './clock.js'
import { condense } from './condense.js'
import { conditionOf } from './condition.js'
import { createCrosscheckTable } from './crosscheck_table.js'
import { fill, h, set, write } from './dom.js'
import { createFailureList } from './failure_list.js'
import { age } from './format.js'
import { createOutageTable, createRecycleTable } from './happening_tables.js'
import { createMarkForm } from './mark_form.js'
import { rangeNav } from './ranges.js'
import { linkTo } from './router.js'
import { targetKey } from './state.js'
import { createStoryList } from './story_list.js'
import { createFacts } from './target_facts.js'
import { shape } from './words.js'

/** Events that are shown; a link leads to the others. */
const mostTold = 30

/** All of it, showing nothing yet; charts go to the two places given for them. */
export function createParts(state, known, range, check) {
  const { farm, target, role } = known
  const condition = createCondition()
  const facts = createFacts(role)
  const firstByte = h('div', { class: 'chart first-byte' })
  const phases = h('div', { class: 'chart phases' })
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const recycles = createRecycleTable()
  const crosscheck = known.crosscheck === null ? undefined : createCrosscheckTable()
  const outages = createOutageTable()
  const failures = createFailureList()
  const story = createStoryList()
  const allEvents = h('a', { href: linkTo.events({ farm, target, range: range.name }) })
  const checks = [...known.checks.keys()]
  const linkOf = (change) => linkTo.target(farm, target, { range: range.name, check, ...change })
  const element = h(
    'div',
    { class: 'target-page' },
    h(
      'header',
      { class: 'page-head' },
      h(
        'nav',
        { class: 'crumbs', 'aria-label': 'Where you are' },
        h('a', { href: linkTo.farms() }, 'Farms'),
        h('span', { 'aria-hidden': 'true' }, '/'),
        farm,
      ),
      h(
        'div',
        { class: 'headline' },
        h('h1', {}, target),
        condition.element,
        h('span', { class: 'url' }, `${known.scheme}://${known.address}`),
      ),
      h(
        'div',
        { class: 'controls' },
        checks.length > 1 && checkNav(checks, check, linkOf),
        rangeNav(state.oldestMs, range, (name) => linkOf({ range: name })),
      ),
    ),
    problem,
    facts.element,
    panel('Time to first byte', 'is-wide', firstByte),
    panel('Where the time goes', 'is-wide', phases),
    h(
      'div',
      { class: 'columns' },
      h(
        'div',
        {},
        role === 'node' && panel('Recycles', '', recycles.element),
        crosscheck !== undefined && panel('Inside and outside', '', crosscheck.element),
        panel('Outages', '', outages.element),
        panel('Recent failures', '', failures.element),
      ),
      h(
        'div',
        {},
        panel(
          'What happened',
          'is-story',
          state.changesAllowed && createMarkForm(farm, target),
          story.element,
          h('p', { class: 'all-events' }, allEvents),
        ),
      ),
    ),
  )
  const drawNow = (current) => {
    condition.draw(current)
    if (current.crosscheck !== null) crosscheck?.drawStanding(current.crosscheck)
  }
  return {
    element,
    firstByte,
    phases,
    drawNow: (current) => current !== undefined && drawNow(current),
    draw(data) {
      problem.hidden = true
      const current = state.targets.get(targetKey(farm, target))
      if (current !== undefined) drawNow(current)
      facts.draw(data)
      recycles.draw(data)
      crosscheck?.draw(data)
      outages.draw(data)
      failures.draw(data.failures)
      story.draw(condense(data.story.toReversed()).slice(0, mostTold))
      write(allEvents, data.story.length > mostTold ? `All ${data.story.length} events` : 'Find events')
    },
    problem(error) {
      problem.hidden = false
      write(problem, `This could not be read: ${wordsOf(error)}`)
    },
  }
}

const panel = (title, kind, ...content) =>
  h('section', { class: `panel ${kind}`, 'aria-label': title }, h('h2', {}, title), content)

const checkNav = (checks, current, linkOf) =>
  h(
    'nav',
    { class: 'choices', 'aria-label': 'Check' },
    checks.map((name) =>
      h('a', { href: linkOf({ check: name }), 'aria-current': name === current ? 'true' : undefined }, name),
    ),
  )

function createCondition() {
  const icon = h('span', { class: 'icon' })
  const words = h('strong')
  const since = h('span', { class: 'since' })
  const element = h('p', { class: 'verdict' }, icon, words, since)
  let tone
  return {
    element,
    draw(target) {
      const condition = conditionOf(target)
      if (tone !== condition.tone) fill(icon, shape(condition.tone))
      tone = condition.tone
      set(element, 'data-tone', tone)
      write(words, condition.words)
      const outageMs = condition.check?.outageSinceMs ?? null
      write(since, outageMs === null ? '' : `for ${age(now() - outageMs)}`)
    },
  }
}
