import type { Api } from './api'
import { memberLink } from './candidates'
import { byId, element } from './element'
import { differing, isNumberField, readValues, setPolicy, writeValues, type NumberField, type Values } from './policy'
import { problem } from './problem'
import type { Shell } from './shell'
import { table } from './tables'
import type { PolicyField, PreviewAnswer } from './wire'
import { counted, percent, plain } from './words'

/** The fields that are offered at first: those by which most is decided. */
const FIRST = ['confidence_min', 'address_crowd', 'fingerprint_crowd', 'evidence_prior', 'probable_half_life_days', 'relationship_half_life_days']
/** How many visitors are listed. */
const LISTED = 100

interface Row {
  card: HTMLElement
  input: HTMLInputElement
  says: HTMLElement
}

/** What another policy would change: fields to try other values of, and the visitors that would join or leave a person. */
export function openWhatIf(shell: Shell): { show(): Promise<void>; forget(): void } {
  const place = byId('what-if')
  const cards = element('div', { class: 'fields' })
  const others = element('select', {})
  const results = element('div', { class: 'stack' })
  const rows = new Map<string, Row>()
  let fields: NumberField[] = []
  const form = element(
    'form',
    {
      class: 'stack',
      submit(event) {
        event.preventDefault()
        shell.navigate({ set: writeValues(typed()) })
      },
    },
    cards,
    element(
      'div',
      { class: 'bar' },
      element('label', {}, 'Another field', others),
      element('button', { type: 'button', click: () => add(others.value) }, 'Add the field'),
    ),
    element(
      'div',
      { class: 'bar' },
      element('button', { class: 'main' }, 'Preview'),
      element('button', { type: 'button', click: () => shell.navigate({ set: '' }) }, 'As it is now'),
    ),
  )
  place.replaceChildren(
    element('h2', {}, 'What if'),
    element('p', { class: 'hint' }, 'Try other numbers of the policy, and see whose visitors would be whose. Nothing changes until you apply them.'),
    form,
    results,
  )

  /** Returns the values in the form that are not in force. */
  function typed(): Values {
    const values: Values = {}
    for (const [name, { input }] of rows) {
      if (input.value !== '') {
        values[name] = Number(input.value)
      }
    }
    return differing(values, fields)
  }

  function add(name: string): void {
    const field = fields.find((each) => each.name === name)
    if (field !== undefined) {
      showRow(field, field.value)
      rows.get(name)?.input.focus()
      offerOthers()
    }
  }

  function showRow({ name, value, least, most, meaning, default: usual }: NumberField, shown: number): void {
    const row = rows.get(name) ?? newRow(name)
    row.input.min = String(least)
    row.input.max = String(most)
    row.input.value = String(shown)
    row.card.classList.toggle('changed', shown !== value)
    row.says.textContent = `Now ${value}${value === usual ? '' : `, by default ${usual}`}; from ${least} to ${most}. ${meaning}`
  }

  function newRow(name: string): Row {
    const says = element('p', { class: 'hint', id: `says-${name}` })
    const input = element('input', { type: 'number', step: 'any', required: true, 'aria-describedby': says.id })
    const card = element('div', { class: 'card' }, element('label', {}, element('code', {}, name), input), says)
    const row = { card, input, says }
    rows.set(name, row)
    cards.append(card)
    return row
  }

  function offerOthers(): void {
    others.replaceChildren(
      ...fields.filter(({ name }) => !rows.has(name)).map(({ name, value }) => element('option', { value: name }, `${name} (now ${value})`)),
    )
  }

  /** Shows the fields as they are, with the values that the address holds; returns those that are not in force. */
  function showFields(found: PolicyField[]): Values {
    fields = found.filter(isNumberField)
    const asked = differing(readValues(shell.view().set), fields)
    const names = new Set([...FIRST, ...rows.keys(), ...Object.keys(asked)])
    for (const field of fields.filter(({ name }) => names.has(name))) {
      showRow(field, asked[field.name] ?? field.value)
    }
    offerOthers()
    return asked
  }

  async function preview(api: Api, asked: Values, signal: AbortSignal): Promise<void> {
    try {
      const found = await api.preview(asked, LISTED, signal)
      signal.throwIfAborted()
      results.replaceChildren(...resultsOf(found, asked))
      shell.say(`${counted(found.lookedAt, 'visitor')} looked at.`)
    } catch (failure) {
      if (signal.aborted || shell.refuses(failure, api)) {
        throw failure
      }
      shell.say('')
      results.replaceChildren(problem(failure, () => form.requestSubmit()))
    }
  }

  function resultsOf({ visitors, lookedAt, cutBy, counts, moves, ...rest }: PreviewAnswer, asked: Values): HTMLElement[] {
    const more = counts.joins + counts.parts + counts.moves - moves.length
    const figures: [string, number | string][] = [
      ['join a person', counts.joins],
      ['leave a person', counts.parts],
      ['go to another', counts.moves],
      ['surer', counts.surer],
      ['less sure', counts.lessSure],
      ['relationships fade', `${rest.fadingAfter} of ${rest.relationships}, now ${rest.fadingBefore}`],
    ]
    return [
      element('h3', {}, 'What would follow'),
      element(
        'p',
        { class: 'hint' },
        `Looked at ${lookedAt.toLocaleString('en')} of ${visitors.toLocaleString('en')} visitors.`,
        cutBy !== null && ' They are an even sample of all. The command looks at all of them: ',
        cutBy !== null && element('code', {}, 'python -m app policy preview'),
      ),
      element(
        'dl',
        { class: 'figures' },
        ...figures.map(([name, figure]) => element('div', { class: 'card' }, element('dt', {}, name), element('dd', {}, figure.toLocaleString('en')))),
      ),
      moves.length === 0
        ? element('p', {}, 'No visitor would join or leave a person.')
        : table(
            `Visitors that would change (${moves.length})`,
            ['Visitor', 'Change', 'From', 'To', 'How sure'],
            moves.map(({ visitor, change, from, to, confidence: [before, after] }) => [
              [memberLink(`visitor:${visitor}`, shell)],
              [plain(change)],
              [ownerLink(from)],
              [ownerLink(to)],
              [`${percent(before)}, then ${percent(after)}`],
            ]),
          ),
      ...(more > 0 ? [element('p', { class: 'hint' }, `${counted(more, 'more visitor')} would change and ${more === 1 ? 'is' : 'are'} not listed.`)] : []),
      element('div', { class: 'bar' }, element('button', { type: 'button', click: () => shell.change([setPolicy(asked)]) }, 'Apply…')),
    ]
  }

  /** An identity of somebody who is hidden has no graph to lead to. */
  const ownerLink = (owner: string): HTMLElement | string => (owner.includes(':') ? memberLink(owner, shell) : owner)

  function forget(): void {
    rows.clear()
    fields = []
    for (const each of [cards, others, results]) {
      each.replaceChildren()
    }
  }

  return {
    async show() {
      const api = shell.api()
      const signal = shell.signal()
      if (api === null) {
        return
      }
      results.replaceChildren()
      const { fields: found } = await api.policy(signal)
      signal.throwIfAborted()
      const asked = showFields(found)
      if (Object.keys(asked).length > 0) {
        await preview(api, asked, signal)
      } else {
        shell.say('These numbers are in force.')
      }
    },
    forget,
  }
}
