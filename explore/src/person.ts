import { Refused, type Api, type Found } from './api'
import { element } from './element'
import type { Subject } from './subject'
import type { IdentityAnswer } from './wire'
import { counted, percent, time } from './words'

/** Whose graph is drawn, and what it was found by. */
export interface Source extends Found {
  subject: Subject
}

/** Who was searched for, and whose graphs are drawn: the subject's first, then those of expanded nodes. */
export interface Person {
  id: string
  /** The confidence from which inferences counted when the subject was found. */
  bound: number
  identity: IdentityAnswer
  sources: Source[]
}

/** Finds whom a subject belongs to. */
export async function findSource(api: Api, subject: Subject, bound: number, signal: AbortSignal): Promise<Source> {
  return { subject, ...(await api.find(subject, bound, signal)) }
}

export function summary({ userId, identityId, confidence, counts, firstSeen, lastSeen }: IdentityAnswer, at: string | null): HTMLElement[] {
  return [
    element('h2', {}, userId === null ? 'Not logged in: no known user' : `User ${userId}`),
    element(
      'p',
      { class: 'hint' },
      `${at === null ? 'Identity' : 'Now it is identity'} ${identityId}, ${percent(confidence)}; ${counted(counts.tenures, 'tenure')}`,
      firstSeen !== null && `; first seen ${time(firstSeen)}`,
      lastSeen !== null && `, last seen ${time(lastSeen)}`,
      '.',
    ),
  ]
}

/** Takes a failure to find somebody for nothing. */
export function orNothing(failure: unknown): null {
  if (failure instanceof Refused && failure.status === 404) {
    return null
  }
  throw failure
}
