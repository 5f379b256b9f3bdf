import type { Page } from './wire'

/** Describes the page as it is now; a single-page application changes it without loading another. */
export function currentPage(): Page {
  return { url: location.href, referrer: document.referrer, title: document.title }
}
