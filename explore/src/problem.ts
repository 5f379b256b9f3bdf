import { Refused } from './api'
import { element } from './element'
import { capitalised, counted } from './words'

/** Says what a person can do about a failure. */
export function adviceFor(refused: Refused): string {
  if (refused.code === 'link_ended') {
    return 'Ask for another link, or sign in with a secret key (sk_…) of your tenant.'
  }
  if (refused.code === 'read_only') {
    return 'To change something, sign out, and sign in with a secret key (sk_…) of your tenant.'
  }
  if (refused.status === 401 || refused.status === 403) {
    return 'Sign in with a secret key (sk_…) of your tenant. A write key reads nothing.'
  }
  if (refused.status === 404) {
    return 'Check the id, with upper and lower case as your server sends it. Nobody finds who is hidden or was erased.'
  }
  if (isPassing(refused)) {
    // It may also be a date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    const seconds = /^\d+$/.test(refused.retryAfter ?? '') ? counted(Number(refused.retryAfter), 'second') : null
    return seconds === null ? 'Try again in a moment.' : `Try again in ${seconds}.`
  }
  return refused.status < 500 ? 'Check what you asked for.' : 'If it happens again, tell who runs the service.'
}

/** Whether another try may help. */
export const isPassing = ({ status }: Refused): boolean => [0, 429, 500, 502, 503, 504].includes(status)

/** Returns what the service says of a failure as a sentence. */
export const saysOf = ({ message }: Refused): string => `${capitalised(message)}${/[.!?]$/.test(message) ? '' : '.'}`

/** Shows a failure, with a button to try again if that may help, and one for another way out. */
export function problem(failure: unknown, again: (() => void) | null, otherwise: HTMLElement | false = false): HTMLElement {
  if (!(failure instanceof Refused)) {
    throw failure
  }
  return element(
    'div',
    { class: 'problem', role: 'alert' },
    element('p', {}, element('strong', {}, saysOf(failure)), ' ', element('code', {}, failure.code)),
    element('p', {}, adviceFor(failure)),
    failure.requestId !== null && element('p', { class: 'hint' }, 'request id ', element('code', {}, failure.requestId)),
    again !== null && isPassing(failure) && element('button', { type: 'button', click: again }, 'Try again'),
    otherwise,
  )
}
