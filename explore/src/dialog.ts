import { Refused, type Api } from './api'
import type { Answer, Change, Made } from './changes'
import { byId, element } from './element'
import { problem, saysOf } from './problem'

/** The longest reason that the service takes. */
const REASON_MAX = 8192
/** The same for a call without a body, whose reason stands in the address. Servers limit that to about 8 kB, encoded. */
const REASON_MAX_OF_DELETE = 500

export interface Asking {
  api: Api
  /** The change was made. */
  done(made: Made): void
  /** Whether a failure ends the session, so that there is nothing left to ask. */
  refuses(failure: unknown): boolean
}

/** Says what a change does, asks which one of several and why, and makes it. */
export function openDialog(changes: Change[], asking: Asking): void {
  const dialog = byId<HTMLDialogElement>('dialog')
  const [first] = changes
  if (first === undefined) {
    return
  }
  let chosen = first
  let pending = false
  const sent = new Map<string, string>()
  const title = element('h2', { id: 'dialog-title' }, first.title)
  const says = element('div', { class: 'says' })
  const failed = element('div')
  const reason = element('textarea', { rows: 2, required: true }, first.reason ?? '')
  const limit = element('span', { class: 'hint' }, `At most ${REASON_MAX_OF_DELETE} characters.`)
  const submit = element('button', { class: 'main' })
  const cancel = element('button', { type: 'button', click: () => dialog.close() }, 'Cancel')
  const choices = element(
    'fieldset',
    { class: 'choices' },
    element('legend', {}, 'Which one?'),
    ...changes.map((each, index) =>
      element(
        'label',
        {},
        element('input', { type: 'radio', name: 'choice', checked: index === 0, change: () => choose(each) }),
        ` ${each.choice ?? each.title}`,
      ),
    ),
  )

  function choose(change: Change): void {
    chosen = change
    title.textContent = change.title
    says.replaceChildren(...change.says.map((sentence) => element('p', {}, sentence)))
    submit.textContent = change.does
    const isShort = change.call.method === 'DELETE'
    reason.maxLength = isShort ? REASON_MAX_OF_DELETE : REASON_MAX
    limit.hidden = !isShort
  }

  async function make(): Promise<void> {
    const why = reason.value.trim()
    const call = JSON.stringify([chosen.call, why])
    // The same call again, after its answer was lost, is still one call.
    const once = sent.get(call) ?? newId()
    sent.set(call, once)
    const made = chosen
    pending = submit.disabled = cancel.disabled = true
    failed.replaceChildren()
    try {
      const answer = await asking.api.change<Answer>(made.call, why, once)
      dialog.close()
      asking.done(made.made(answer))
    } catch (failure) {
      if (asking.refuses(failure)) {
        dialog.close()
        return
      }
      const instead = failure instanceof Refused ? made.instead?.(failure) : null
      if (failure instanceof Refused && instead) {
        choices.remove()
        choose(instead)
        failed.replaceChildren(element('p', { role: 'alert', class: 'problem' }, saysOf(failure)))
      } else {
        failed.replaceChildren(problem(failure, null))
      }
    } finally {
      pending = submit.disabled = cancel.disabled = false
      if (dialog.open) {
        submit.focus()
      }
    }
  }

  choose(first)
  const form = element(
    'form',
    {
      submit(event) {
        event.preventDefault()
        if (!pending && reason.value.trim() !== '') {
          void make()
        }
      },
    },
    title,
    changes.length > 1 && choices,
    says,
    element('label', {}, 'Why? The audit trail keeps the reason. ', limit, reason),
    failed,
    element('div', { class: 'bar' }, submit, cancel),
  )
  dialog.replaceChildren(form)
  dialog.oncancel = (event) => {
    // The answer of a call that is under way says what happened.
    if (pending) {
      event.preventDefault()
    }
  }
  dialog.onclose = () => dialog.replaceChildren()
  dialog.showModal()
  reason.focus()
}

/** Makes an id. `crypto.randomUUID` is there only for pages by HTTPS. */
function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
