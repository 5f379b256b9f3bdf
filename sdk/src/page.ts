import type { Page } from './wire'

/** The page as it is now; single-page applications change it without a load. */
export function currentPage(): Page {
  return { url: location.href, referrer: document.referrer, title: document.title }
}
