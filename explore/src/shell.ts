import type { Api } from './api'
import type { Change } from './changes'
import type { View } from './view'

/** What the page is to each of its views. */
export interface Shell {
  view(): View
  /** The service's calls; null before signing in. */
  api(): Api | null
  /** Is aborted once the page shows something else. */
  signal(): AbortSignal
  /** Changes the view by way of the address, so that back and forward lead through all views. */
  navigate(changes: Partial<View>): void
  /** Says how a call goes, or what came of it. */
  say(text: string): void
  /** Says that something failed, with a button for the same call again. */
  fail(failure: unknown, again: () => void): void
  /** Signs out if the key counts no more, and returns whether it did. */
  refuses(failure: unknown, asking: Api): boolean
  /** Asks for a reason, and makes one of these changes. */
  change(changes: Change[]): void
}
