import type { Api } from './api'
import { element } from './element'
import { oneAtATime } from './focus'
import type { Shell } from './shell'
import type { View } from './view'
import { counted } from './words'

/** What is different from list to list: what an item is called, how to ask for a page, and how to draw the items so far. */
interface Kind<T> {
  noun: string
  ask(api: Api, view: View, cursor: string | null, signal: AbortSignal): Promise<{ items: T[]; nextCursor: string | null }>
  drawn(items: T[], view: View): HTMLElement
}

/** A list that is read page by page, with its button for the next page. */
export function openPages<T>(shell: Shell, list: HTMLElement, { noun, ask, drawn }: Kind<T>): { more: HTMLElement; load(): Promise<void>; forget(): void } {
  let items: T[] = []
  let cursor: string | null = null
  const more = element('button', { type: 'button' }, 'Load more')
  oneAtATime(more, loadMore)

  async function load(afresh: boolean): Promise<void> {
    const api = shell.api()
    if (api === null) {
      return
    }
    const [view, signal] = [shell.view(), shell.signal()]
    shell.say('Loading…')
    const page = await ask(api, view, afresh ? null : cursor, signal)
    signal.throwIfAborted()
    items = afresh ? page.items : [...items, ...page.items]
    cursor = page.nextCursor
    list.replaceChildren(drawn(items, view))
    more.hidden = cursor === null
    shell.say(`${counted(items.length, noun)}${cursor === null ? '' : ', and more'}.`)
  }

  async function loadMore(): Promise<void> {
    const signal = shell.signal()
    try {
      await load(false)
    } catch (failure) {
      if (!signal.aborted) {
        shell.fail(failure, () => more.click())
      }
    }
  }

  function forget(): void {
    items = []
    cursor = null
    list.replaceChildren()
    more.hidden = true
  }

  return {
    more,
    async load() {
      forget()
      await load(true)
    },
    forget,
  }
}
