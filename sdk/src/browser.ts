import { takeFingerprint } from './fingerprint'
import { inOneTab } from './lock'
import { newMessageId } from './message_id'
import { currentPage } from './page'
import { openStore } from './store'
import type { Exchange, World } from './tracker'

/** The real browser. */
export const browser: World = {
  fetch: (url, request) => fetch(url, request),
  now: Date.now,
  random: Math.random,
  pause,
  openStore,
  newMessageId,
  takeFingerprint,
  currentPage,
  inOneTab,
  whenShown,
  tell,
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) =>
    navigator.onLine
      ? setTimeout(resolve, ms)
      : addEventListener('online', () => setTimeout(resolve, ms), { once: true }),
  )
}

declare global {
  interface Document {
    /** True while the browser loads the page before anybody asks for it; TypeScript does not know it yet. */
    readonly prerendering?: boolean
  }
}

/** Returns when a page that is loaded ahead is shown; null if it is shown already. */
function whenShown(): Promise<void> | null {
  return document.prerendering
    ? new Promise((resolve) => document.addEventListener('prerenderingchange', () => resolve(), { once: true }))
    : null
}

function tell(exchange: Exchange): void {
  if (exchange.problem) {
    console.warn(`whograph: ${exchange.call} failed.`, exchange.problem)
  }
  document.dispatchEvent(new CustomEvent('whograph:answer', { detail: exchange }))
}
