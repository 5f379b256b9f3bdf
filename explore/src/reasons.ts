import { element } from './element'
import type { Evidence, Explanation } from './wire'
import { figureSays, nodeName, obstacleSays, percent, plain, time } from './words'

/** Shows an explanation: whether the two are the same person, the sentences, the arithmetic, and what stands against it. */
export function reasons(found: Explanation): HTMLElement {
  const verdict = found.same ? `The same person, ${percent(found.confidence ?? 0)} sure.` : 'Not shown to be the same person.'
  const evidence = found.path.flatMap((step) => step.evidence.map((each) => ({ step, each })))
  return element(
    'div',
    { class: 'reasons' },
    element('p', { class: found.same ? 'verdict same' : 'verdict not-same' }, verdict),
    // The first sentence says the same as the verdict. If they are not one, the others say what the obstacles say.
    found.same && element('ol', { class: 'sentences' }, ...found.text.slice(1).map((sentence) => element('li', {}, sentence))),
    found.against.length > 0 &&
      element(
        'section',
        {},
        element('h3', {}, 'What stands against it'),
        element(
          'ul',
          { class: 'against' },
          ...found.against.map((obstacle) =>
            element(
              'li',
              {},
              element('strong', {}, `${obstacleSays(obstacle.kind)}: `),
              obstacle.detail,
              obstacle.needed !== null && element('span', { class: 'hint' }, ` Needed: ${obstacle.needed}.`),
            ),
          ),
        ),
      ),
    evidence.length > 0 &&
      element(
        'section',
        {},
        element('h3', {}, 'Arithmetic'),
        ...evidence.map(({ step, each }) => arithmetic(`${nodeName(step.source)} → ${nodeName(step.target)}`, each)),
      ),
  )
}

/** Shows the evidence by which a visit was recognised when it began, as it was weighed then. */
export function recognition(evidence: Evidence[]): HTMLElement {
  return element(
    'section',
    { class: 'recognition' },
    element('h3', {}, 'How the visit was recognised'),
    ...evidence.map((each) => arithmetic('', each)),
  )
}

function arithmetic(of: string, evidence: Evidence): HTMLElement {
  const shared = evidence.sharedBy === 0 ? 'nobody else’s' : `shared by ${evidence.sharedBy} other${evidence.sharedBy > 1 ? 's' : ''}`
  return element(
    'table',
    { class: 'arithmetic' },
    element('caption', {}, `${plain(evidence.kind)}, ${shared}`, element('span', { class: 'hint' }, ` ${of}`)),
    element(
      'tbody',
      {},
      ...Object.entries(evidence.arithmetic).map(([name, number]) => row(figureSays(name), String(number))),
      row('strength', String(evidence.strength)),
      evidence.lastSeen !== null && row('last seen', time(evidence.lastSeen)),
    ),
  )
}

const row = (name: string, value: string): HTMLElement =>
  element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, value))
