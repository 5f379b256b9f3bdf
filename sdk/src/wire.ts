/** The messages on the wire, with the wire's own names; `/openapi.json` describes them in full. */

/** One observed reason for the match. `sharedBy` counts the other visitors that share it. */
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
  /** Whether the service already had this message, and so stored nothing. */
  duplicate: boolean
}

export interface IdentifyAnswer {
  /** Differs from the call's session if this login opened a successor session, since another user had the session. */
  sessionId: string
  identityId: string
  userId: string | null
  visitorId: string
  confidence: number
  verified: boolean
  eventId: string
  /** How many sessions and events this call attributed to the user. */
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
