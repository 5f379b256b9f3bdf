import type { InitAnswer } from './wire'

/** An open session as the browser keeps it. It has no user id: only the service stores who logged in. */
export interface Session {
  sessionId: string
  visitorId: string
  /** When the session ends without a further call, in ms by this browser's clock. */
  expiresAt: number
  /** How long the session stays open without a call, in ms. */
  idle: number
}

/** Uses only the *difference* of the service's times, since this browser's clock may be wrong by hours. */
export function begin(answer: InitAnswer, now: number): Session {
  const idle = Date.parse(answer.expiresAt) - Date.parse(answer.startedAt)
  return { sessionId: answer.sessionId, visitorId: answer.visitorId, expiresAt: now + idle, idle }
}

export function isOpen(session: Session, now: number): boolean {
  return now < session.expiresAt
}

/**
 * Moves the end of the session, since a call keeps it open.
 *
 * The service also ends every session after a day; the tracker learns of that from the code `session_expired`.
 */
export function prolong(session: Session, now: number): Session {
  return { ...session, expiresAt: now + session.idle }
}

export function parse(text: string | null): Session | null {
  try {
    const session = JSON.parse(text ?? 'null') as Partial<Session> | null
    return session && typeof session.sessionId === 'string' && typeof session.expiresAt === 'number'
      ? (session as Session)
      : null
  } catch {
    return null
  }
}
