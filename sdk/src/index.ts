import { browser } from './browser'
import { createTracker, type Options, type Ready, type Tracker } from './tracker'

// Public: these exports change only with a new major version.
export type { Options, Ready, Tracker }
export type { Problem } from './problem'
export type { Evidence, IdentifyAnswer, InitAnswer, Match, TrackAnswer } from './wire'
export type { UserProperties } from './user_properties'

/** Creates a tracker for this page. The script tag creates its own, as `window.whograph`. */
export function create(): Tracker {
  return createTracker(browser)
}

// Private: these exports may change at any time.
export { readTag } from './tag'
export { takeOver, type Stub } from './stub'
