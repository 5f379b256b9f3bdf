import type { Options } from './tracker'

/**
 * Options from the script tag's `data-` attributes; the endpoint is by default where the script came from.
 *
 * Null without `data-tenant-id`: the page calls `init` itself.
 */
export function readTag(tag: HTMLScriptElement): Options | null {
  const { tenantId, writeKey, endpoint, consent } = tag.dataset
  if (!tenantId || !writeKey) {
    return null
  }
  return { tenantId, writeKey, endpoint: endpoint || new URL(tag.src).origin, consent: consent !== 'false' }
}
