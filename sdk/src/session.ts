import type { InitAnswer } from './wire'

/** An open session as the browser keeps it. No user id: what a visitor says of themselves stays with the service. */
export interface Session {
  sessionId: string
  visitorId: string
  /** When it ends if nothing happens, ms by this browser's clock. */
  expiresAt: number
  /** How long it stays open without a call, in ms. */
  idle: number
}

/** Only the *difference* of the service's times is used: this browser's clock may be wrong by hours. */
export function begin(answer: InitAnswer, now: number): Session {
  const idle = Date.parse(answer.expiresAt) - Date.parse(answer.startedAt)
  return { sessionId: answer.sessionId, visitorId: answer.visitorId, expiresAt: now + idle, idle }
}

export function isOpen(session: Session, now: number): boolean {
  return now < session.expiresAt
}

/** A call keeps its session open; the service's own limit of a day shows as `session_expired`. */
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
