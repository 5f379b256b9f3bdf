import { drawn, element } from './element'
import type { JourneyEvent } from './wire'

/** An event of these names is a login. */
const LOGIN = 'identify'
const SIZE = 5
/** The identity of a tenure, which has no user. */
const OF_NOBODY = 'ten_'

/** How an event looks in a lane, and what the look means. */
export interface Mark {
  isLogin: boolean
  /** Only probably this person's. */
  isProbable: boolean
  /** Nobody's when it was recorded, and a user's now: a login or a merge drew it in. */
  isLater: boolean
}

/** Returns the mark of an event in a journey, which is a user's or that of a visitor without a name. */
export function markOf({ eventName, confidence, asRecorded }: JourneyEvent, isOfUser: boolean): Mark {
  return {
    isLogin: eventName === LOGIN,
    isProbable: confidence < 1,
    isLater: isOfUser && asRecorded.identityId.startsWith(OF_NOBODY),
  }
}

/** Draws a mark: a login is a diamond, another event a dot. */
export function drawMark(mark: Mark, x: number, y: number, title: string): SVGElement {
  const looks = ['event', mark.isProbable && 'probable', mark.isLater && 'later'].filter(Boolean).join(' ')
  const says = drawn('title', {}, title)
  if (!mark.isLogin) {
    return drawn('circle', { class: looks, cx: x, cy: y, r: SIZE }, says)
  }
  const reach = SIZE + 3
  return drawn('path', { class: looks, d: `M${x} ${y - reach}l${reach} ${reach}l${-reach} ${reach}l${-reach} ${-reach}z` }, says)
}

/** Says when it was known whose an event is, as the table and a mark's title have it. */
export const recognisedSays = ({ isLater }: Mark): string => (isLater ? 'later' : 'at once')

/** Lists what the marks mean. */
export function legend(): HTMLElement {
  const plain: Mark = { isLogin: false, isProbable: false, isLater: false }
  const meanings: [Mark, string][] = [
    [plain, 'recognised at once'],
    [{ ...plain, isLater: true }, 'recognised later: nobody’s when it was recorded'],
    [{ ...plain, isProbable: true }, 'only probably this person’s'],
    [{ ...plain, isLogin: true }, 'login'],
  ]
  return element(
    'ul',
    { class: 'key lanes-key', 'aria-label': 'What the marks mean' },
    ...meanings.map(([mark, meaning]) =>
      element('li', {}, drawn('svg', { viewBox: '0 0 20 20', class: 'symbol', 'aria-hidden': 'true' }, drawMark(mark, 10, 10, meaning)), ` ${meaning}`),
    ),
  )
}
