/** What the token of a link begins with. */
const PREFIX = 'rt_'

/** Whether a token only reads; a key may also change. */
export const isReadToken = (key: string): boolean => key.startsWith(PREFIX)

/** Divides the part of the address behind `#` into the token of a link, if there is one, and the rest, which is the view. */
export function partsOf(hash: string): { token: string | null; rest: string } {
  const read = new URLSearchParams(hash.replace(/^#/, ''))
  const token = read.get('token')
  read.delete('token')
  return { token, rest: `#${read.toString()}` }
}

/** Takes the token of a link out of the address, so that no bookmark, no copied address and no later entry of the history has it. */
export function takeToken(): string | null {
  const { token, rest } = partsOf(location.hash)
  if (token !== null) {
    history.replaceState(null, '', rest)
  }
  return token
}
