/** What goes over the wire, in its own words: `/openapi.json` has the full description. */

/** One observed reason to tie this visit to what is known; `sharedBy` counts the other visitors that show it too. */
export interface Evidence {
  kind: string
  strength: number
  sharedBy?: number
  lastSeen?: string | null
}

/** How the visitor was recognised, how sure that is (0–1), and why. */
export interface Match {
  method: string
  confidence: number
  evidence: Evidence[]
}

export interface InitAnswer {
  sessionId: string
  visitorId: string
  /** Null without consent. */
  visitorToken: string | null
  identityId: string
  userId: string | null
  isNewVisitor: boolean
  match: Match
  startedAt: string
  expiresAt: string
  warnings: string[]
  duplicate: boolean
}

export interface TrackAnswer {
  eventId: string
  messageId: string
  eventName: string
  sessionId: string
  visitorId: string
  identityId: string
  userId: string | null
  /** How sure it is that the event is this identity's, 0–1. */
  confidence: number
  timestamp: string
  receivedAt: string
  /** The service had this message already and stored nothing. */
  duplicate: boolean
}

export interface IdentifyAnswer {
  /** Another than the call's when another user's login opened a successor session. */
  sessionId: string
  identityId: string
  userId: string | null
  visitorId: string
  confidence: number
  verified: boolean
  eventId: string
  /** What now belongs to the user because of this call. */
  updated: { sessions: number; events: number }
  propagated: number
  warnings: string[]
  duplicate: boolean
}

export type Answer = InitAnswer | TrackAnswer | IdentifyAnswer

export interface Page {
  url: string
  referrer: string
  title: string
}

export interface Fingerprint {
  visitorId: string
  /** FingerprintJS's own estimate of its accuracy, 0–1. */
  confidence: number
  components: Record<string, { value: unknown }>
}
