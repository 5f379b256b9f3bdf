import type { Call, Refused } from './api'
import type { Candidate } from './wire'
import { parts } from './subject'
import { short } from './words'

/** Something that a person can change, with what will happen in words and the call that does it. */
export interface Change {
  title: string
  /** What tells this change from the others that a dialog offers with it. */
  choice?: string
  says: string[]
  /** The word on the button. */
  does: string
  /** The reason that the dialog begins with. */
  reason?: string
  call: Call
  /** Reads the service's answer. */
  made(answer: Answer): Made
  /** What to offer instead once the service refused the call. */
  instead?(refused: Refused): Change | null
}

/** What happened, and how to take it back. */
export interface Made {
  says: string
  undo: Change | null
}

/** What the answers to the calls hold, as far as it is read here. */
export interface Answer {
  changed?: boolean
  visible?: boolean
  visitorId?: string | null
  mergedId?: string | null
  subjects?: string[]
  splitOffId?: string | null
  /** The fields of the policy that changed, as they were and as they are. */
  before?: Record<string, number | null>
  after?: Record<string, number | null>
}

/** Returns the merges of two visitors, of which a person chooses one. */
export const mergeEither = (a: string, b: string): Change[] => [merge(a, b), merge(b, a)]

export function merge(merged: string, into: string): Change {
  return {
    title: 'Merge two visitors',
    choice: `${short(into)} stays`,
    says: [
      `Visitor ${short(merged)} counts as visitor ${short(into)} from now on. All answers name ${short(into)}, and both keep what they have.`,
      'Nothing is deleted. The merge can be undone.',
    ],
    does: 'Merge',
    call: { method: 'POST', path: ['visitors', merged, 'merge'], sent: { into } },
    made: ({ changed, visitorId, mergedId }) =>
      changed ? mergeMade(mergedId ?? merged, visitorId ?? into) : { says: 'The two were merged before. Nothing was changed.', undo: null },
    instead: (refused) => (refused.code === 'merge_refused' ? mergeByForce(merged, into) : null),
  }
}

const mergeMade = (merged: string, into: string): Made => ({
  says: `Visitor ${short(merged)} was merged into ${short(into)}.`,
  undo: undoing(undoMerge(merged, into)),
})

function mergeByForce(merged: string, into: string): Change {
  const plain = merge(merged, into)
  const { instead: _, ...rest } = plain
  return {
    ...rest,
    title: 'Merge visitors of different users',
    says: [
      `The last users of the two visitors differ. Merge them only if both used the same browser. Each user keeps what they did, and ${short(into)} stands for both visitors.`,
      'Nothing is deleted. The merge can be undone.',
    ],
    does: 'Merge all the same',
    call: { ...plain.call, sent: { into, force: true } },
  }
}

export function undoMerge(merged: string, into: string): Change {
  return {
    title: 'Undo a merge',
    says: [
      `Visitor ${short(merged)} is a visitor of its own again, as if it had never been merged into ${short(into)}.`,
      'From then on no evidence joins the two. A new merge does.',
    ],
    does: 'Split',
    call: { method: 'POST', path: ['visitors', merged, 'split'], sent: {} },
    made: ({ visitorId }) => ({
      says: `Visitor ${short(merged)} is a visitor of its own again.`,
      undo: undoing(merge(merged, visitorId ?? into)),
    }),
  }
}

/** Takes a jar, or a fingerprint with the jars that came in by it, out of a visitor. */
export function takeOut(visitorId: string, part: 'jar' | 'fingerprint', id: string): Change {
  return {
    title: `Take a ${part} out of a visitor`,
    says: [
      part === 'jar'
        ? `Jar ${short(id)} becomes a visitor of its own, with what was observed in it.`
        : `Visitor ${short(visitorId)}, with all that was merged with it, loses fingerprint ${short(id)}. The jars that came in by it become one new visitor.`,
      'From then on no evidence joins the two. A merge does.',
    ],
    does: 'Take out',
    call: { method: 'POST', path: ['visitors', visitorId, 'split'], sent: { [part]: id } },
    made: ({ visitorId: remains, splitOffId }) =>
      splitOffId
        ? {
            says: `What was taken out is visitor ${short(splitOffId)} now. Undo merges it back.`,
            undo: undoing(merge(splitOffId, remains ?? visitorId)),
          }
        : { says: `The ${part} was taken out. No jar came in by it. This cannot be undone.`, undo: null },
  }
}

export function untie(visitorId: string, tenureId: string): Change {
  return {
    title: 'Untie a tenure',
    says: [
      `Tenure ${short(tenureId)} is tied to no other tenure any more. What was done in it belongs to nobody but who logged in there.`,
      'This cannot be undone. No evidence ties it again.',
    ],
    does: 'Untie',
    call: { method: 'POST', path: ['visitors', visitorId, 'split'], sent: { tenure: tenureId } },
    made: () => ({ says: `Tenure ${short(tenureId)} is tied to no other any more. This cannot be undone.`, undo: null }),
  }
}

/** Hides a user, or that the user used a visitor. */
export function hide(userId: string, visitorId: string | null): Change {
  return {
    title: visitorId === null ? 'Hide a user' : 'Hide who used a visitor',
    says: [
      visitorId === null
        ? `No answer names user ${userId} any more, and nobody finds them here. The user is recognised as before.`
        : `No answer says any more that user ${userId} used visitor ${short(visitorId)}, nor what the user did there. The user is recognised as before.`,
      'Nothing is deleted. It can be shown again.',
    ],
    does: 'Hide',
    call: visibility(userId, visitorId, false),
    made: ({ changed }) =>
      changed
        ? { says: `${hiddenThing(userId, visitorId)} is hidden now.`, undo: undoing(reveal(userId, visitorId)) }
        : { says: `${hiddenThing(userId, visitorId)} was hidden before. Nothing was changed.`, undo: null },
  }
}

/** Shows again what was hidden. */
export function reveal(userId: string, visitorId: string | null): Change {
  return {
    title: visitorId === null ? 'Show a hidden user' : 'Show who used a visitor',
    says: [`${hiddenThing(userId, visitorId)} is shown again in all answers, if it was hidden.`],
    does: 'Show',
    call: visibility(userId, visitorId, true),
    made({ visible, changed }) {
      if (!visible) {
        return { says: 'It stays hidden, because the same is hidden on a visitor that was merged with this one.', undo: null }
      }
      return changed
        ? { says: `${hiddenThing(userId, visitorId)} is shown now.`, undo: undoing(hide(userId, visitorId)) }
        : { says: `${hiddenThing(userId, visitorId)} was shown before. Nothing was changed.`, undo: null }
    },
  }
}

/** Links two users as one person's accounts. */
export function link(a: string, b: string): Change {
  return {
    title: 'Link two users',
    says: [
      `Users ${a} and ${b} are accounts of one person from now on, with one identity. Each keeps what it has.`,
      'The link can be undone.',
    ],
    does: 'Link',
    call: { method: 'POST', path: ['users', a, 'link'], sent: { to: b } },
    made: ({ changed }) =>
      changed
        ? linkMade(a, b)
        : { says: 'The two were linked before. Nothing was changed.', undo: null },
  }
}

const linkMade = (a: string, b: string): Made => ({ says: `Users ${a} and ${b} are linked now.`, undo: undoing(unlink(a, b)) })

export function unlink(a: string, b: string): Change {
  return {
    title: 'Undo a link of users',
    says: [`Users ${a} and ${b} are two people again, unless other links join them. Each keeps what it has.`],
    does: 'Undo the link',
    call: { method: 'DELETE', path: ['users', a, 'link', b], sent: {} },
    made: () => ({ says: `Users ${a} and ${b} are linked no more.`, undo: undoing(link(a, b)) }),
  }
}

export function accept(candidate: Candidate): Change {
  const [a, b] = pairOf(candidate.subjects)
  const areUsers = candidate.subjects.every((subject) => subject.startsWith('user:'))
  return {
    title: 'Accept a candidate',
    says: [
      areUsers
        ? `Users ${a} and ${b} are linked: they are accounts of one person from now on.`
        : `Visitors ${short(a)} and ${short(b)} are merged. The visitor of a user stays, or else the older one.`,
      `The ${areUsers ? 'link' : 'merge'} can be undone. The candidate stays accepted.`,
    ],
    does: 'Accept',
    call: { method: 'POST', path: ['candidates', candidate.candidateId, 'accept'], sent: {} },
    made({ changed, visitorId, mergedId, subjects }) {
      if (!changed) {
        return { says: 'The two were merged or linked before. Nothing else was changed.', undo: null }
      }
      // The list may be older than a login, after which the two are two users.
      return visitorId && mergedId ? mergeMade(mergedId, visitorId) : linkMade(...pairOf(subjects ?? candidate.subjects))
    },
  }
}

export function refuse(candidate: Candidate): Change {
  return {
    title: 'Refuse a candidate',
    says: [
      'No evidence joins the two visitors from now on, and they are not offered again.',
      'A refusal cannot be taken back. If it proves wrong, merge the two visitors.',
    ],
    does: 'Refuse',
    call: { method: 'POST', path: ['candidates', candidate.candidateId, 'refuse'], sent: {} },
    made: ({ changed }) => ({
      says: changed ? 'Refused. This cannot be taken back; a merge of the two visitors overrules it.' : 'The candidate was refused before. Nothing was changed.',
      undo: null,
    }),
  }
}

const undoing = (change: Change): Change => ({ ...change, reason: 'Undo' })

function pairOf(subjects: string[]): [string, string] {
  const [a = '', b = ''] = subjects.map((subject) => parts(subject)[1])
  return [a, b]
}

const hiddenThing = (userId: string, visitorId: string | null): string =>
  visitorId === null ? `User ${userId}` : `That user ${userId} used visitor ${short(visitorId)}`

function visibility(userId: string, visitorId: string | null, visible: boolean): Call {
  const of = visitorId === null ? [] : ['visitors', visitorId]
  return { method: 'PUT', path: ['users', userId, ...of, 'visibility'], sent: { visible } }
}
