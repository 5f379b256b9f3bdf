import { create, readTag, takeOver, type Stub, type Tracker } from './index'

declare global {
  interface Window {
    whograph?: Stub | Tracker
    /** The same object under the name older pages use. */
    EventTracker?: Tracker
  }
}

/** What the script tag does. A second tag on the page does nothing. */
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
