import { browser } from './browser'
import { createTracker, type Options, type Ready, type Tracker } from './tracker'

// Promised: changes only with a new major version.
export type { Options, Ready, Tracker }
export type { Problem } from './problem'
export type { Evidence, IdentifyAnswer, InitAnswer, Match, TrackAnswer } from './wire'
export type { UserProperties } from './user_properties'

/** A tracker for this page; the script tag makes one itself and calls it `whograph`. */
export function create(): Tracker {
  return createTracker(browser)
}

// Private: may change at any time.
export { readTag } from './tag'
export { takeOver, type Stub } from './stub'
