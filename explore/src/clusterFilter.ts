import { element } from './element'
import type { Shell } from './shell'
import { subjectOf } from './subject'
import { ORDERS, type View } from './view'
import { LABELS, plain } from './words'

const ORDER_SAYS: Record<View['order'], string> = { size: 'largest first', doubt: 'most doubtful first' }

/** The controls that say which clusters are listed, and in which order. The address holds what they say. */
export function openFilter(shell: Shell): { form: HTMLElement; show(view: View): void } {
  const label = element(
    'select',
    { change: () => shell.navigate({ label: label.value }) },
    element('option', { value: '' }, 'all'),
    ...Object.keys(LABELS).map((name) => element('option', { value: name }, plain(name))),
  )
  const order = element(
    'select',
    { change: () => shell.navigate({ order: order.value as View['order'] }) },
    ...ORDERS.map((each) => element('option', { value: each }, ORDER_SAYS[each])),
  )
  const about = element('input', { maxlength: 300, autocomplete: 'off', spellcheck: 'false', placeholder: 'anna or vis_…' })
  const everybody = element('button', { type: 'button', click: () => shell.navigate({ about: '' }) }, 'Show all')
  const form = element(
    'form',
    {
      class: 'bar',
      'aria-label': 'Which clusters',
      submit(event) {
        event.preventDefault()
        shell.navigate({ about: about.value.trim() })
      },
    },
    element('label', {}, 'Label', label),
    element('label', {}, 'Order', order),
    element('label', {}, 'Of a user or visitor', about),
    element('button', {}, 'Show'),
    everybody,
  )
  return {
    form,
    show(view) {
      label.value = view.label
      order.value = view.order
      about.value = view.about
      everybody.hidden = view.about === ''
    },
  }
}

/** Returns a typed id as the service asks for it; null for none. The service says which kinds are in clusters. */
export function aboutOf(text: string): string | null {
  if (text === '') {
    return null
  }
  const { kind, id } = subjectOf(text)
  return `${kind}:${id}`
}

/** Says that no cluster is as the view wants it. */
export function noneSays({ about, label }: Pick<View, 'about' | 'label'>): string {
  if (about !== '') {
    return `${about} is in no cluster${label === '' ? '' : ' with this label'}. A job looks for clusters once a day.`
  }
  return label === '' ? 'There is no cluster. A job looks for them once a day.' : 'No cluster has this label.'
}
