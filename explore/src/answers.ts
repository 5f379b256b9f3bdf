import type { Api } from './api'
import { element } from './element'
import { problem } from './problem'
import type { Shell } from './shell'

/** The part of the panel for what the service says of what is chosen. */
export interface Answers {
  /** Drops the answers that are still to come: the panel is about something else. */
  drop(): void
  /** Makes a call and shows its answer in place of the one before; returns it, unless it was dropped. */
  ask<Answer>(call: (api: Api) => Promise<Answer>, show: (answer: Answer) => HTMLElement | null, again: () => void): Promise<Answer | null>
  /** Makes a call and adds its answer to the one before. */
  add<Answer>(call: (api: Api) => Promise<Answer>, show: (answer: Answer) => HTMLElement | null, again: () => void): Promise<Answer | null>
}

export function openAnswers(panel: HTMLElement, shell: Shell): Answers {
  /** Counts what the panel was about, so that a late answer does not replace a newer one. */
  let asked = 0

  function place(): HTMLElement {
    const there = panel.querySelector<HTMLElement>('.answer')
    if (there !== null) {
      return there
    }
    const made = element('div', { class: 'answer' })
    panel.append(made)
    return made
  }

  const add: Answers['add'] = async (call, show, again) => {
    const api = shell.api()
    if (api === null) {
      return null
    }
    const question = asked
    try {
      const found = await call(api)
      if (question !== asked) {
        return null
      }
      place().querySelector('.asking')?.remove()
      place().append(...[show(found)].filter((each) => each !== null))
      return found
    } catch (failure) {
      if (!shell.refuses(failure, api) && question === asked) {
        place().querySelector('.asking')?.remove()
        // The page shows something else. The same button asks again.
        if (failure instanceof DOMException && failure.name === 'AbortError') {
          return null
        }
        const said = problem(failure, () => {
          said.remove()
          again()
        })
        place().append(said)
      }
      return null
    }
  }

  return {
    drop() {
      asked += 1
    },
    ask(call, show, again) {
      place().replaceChildren(element('p', { class: 'asking hint' }, 'Asking…'))
      return add(call, show, again)
    },
    add,
  }
}
