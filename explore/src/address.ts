const STATED = 'address:'
const V4 = /^\d{1,3}(\.\d{1,3}){3}$/
/** Eight groups, or fewer around one `::`. */
const V6 = /^(?=.*::|([^:]+:){7}[^:]+$)(?!.*::.*::)[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}$/i
const OCTET_MAX = 255

/**
 * Returns the address that a text is, or that it names as a node of the graph does; null if it is none. `user:192.0.2.1`
 * names a user.
 */
export function addressOf(text: string): string | null {
  const trimmed = text.trim()
  if (trimmed.startsWith(STATED) && trimmed.length > STATED.length) {
    return trimmed.slice(STATED.length)
  }
  const isV4 = V4.test(trimmed) && trimmed.split('.').every((octet) => Number(octet) <= OCTET_MAX)
  return isV4 || V6.test(trimmed) ? trimmed : null
}
