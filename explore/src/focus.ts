/** Lets a button do one thing at a time. It keeps the focus meanwhile, which Chromium takes from a disabled button. */
export function oneAtATime(button: HTMLElement, work: () => Promise<void>): void {
  button.addEventListener('click', () => {
    if (button.hasAttribute('aria-disabled')) {
      return
    }
    button.setAttribute('aria-disabled', 'true')
    void work().finally(() => button.removeAttribute('aria-disabled'))
  })
}

/** Gives the focus back to what has the same name after an element got new content. */
export function keepingFocus(within: HTMLElement, change: () => void): void {
  const focused = within.contains(document.activeElement) ? document.activeElement?.getAttribute('aria-label') : null
  change()
  if (focused) {
    within.querySelector<HTMLElement>(`[aria-label="${CSS.escape(focused)}"]`)?.focus()
  }
}

/** Puts the focus on the heading of a view, if what had the focus went with the view before. */
export function focusHeading(view: HTMLElement): void {
  const focused = document.activeElement
  if (focused !== null && focused !== document.body && isDrawn(focused)) {
    return
  }
  const heading = [...view.querySelectorAll('h2')].find(isDrawn)
  heading?.setAttribute('tabindex', '-1')
  heading?.focus()
}

const isDrawn = (element: Element): boolean => element.getClientRects().length > 0
