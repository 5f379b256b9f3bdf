import { create, readTag, takeOver, type Stub, type Tracker } from './index'

declare global {
  interface Window {
    whograph?: Stub | Tracker
    /** The same object, under the name that older pages use. */
    EventTracker?: Tracker
  }
}

/** Runs when the script tag loads: creates the tracker, unless another tag on the page already has. */
const found: Stub | Tracker | undefined = window.whograph
if (!found || 'waiting' in found) {
  const tracker = create()
  const tag = document.currentScript instanceof HTMLScriptElement && readTag(document.currentScript)
  if (tag) {
    void tracker.init(tag)
  }
  window.whograph = takeOver(found ?? {}, tracker)
  window.EventTracker ??= window.whograph
}
