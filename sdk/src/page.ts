import type { Page } from './wire'

/** The service keeps this many characters of an address, a referrer and a title, and cuts the rest. */
const CHARACTERS_MAX = 8192

/** Describes the page as it is now; a single-page application changes it without loading another. */
export function currentPage(): Page {
  return { url: kept(location.href), referrer: kept(document.referrer), title: kept(document.title) }
}

/** Returns a text as the service keeps it: not too long, and without half a character where a template or we cut it. */
export function kept(text: string): string {
  return text.slice(0, CHARACTERS_MAX).replace(/\p{Surrogate}/gu, '\ufffd')
}
