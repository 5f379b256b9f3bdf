/** Returns a random UUID (version 4). The service stores a call once per message id, however often it is sent. */
export function newMessageId(source: Partial<Crypto> | undefined = globalThis.crypto): string {
  // randomUUID exists in secure contexts only: https://developer.mozilla.org/docs/Web/API/Crypto/randomUUID
  if (source?.randomUUID) {
    return source.randomUUID()
  }
  const bytes = new Uint8Array(16)
  if (source?.getRandomValues) {
    source.getRandomValues(bytes)
  } else {
    bytes.forEach((_, index) => (bytes[index] = Math.random() * 256))
  }
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
