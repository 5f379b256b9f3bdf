import type { Options } from './tracker'

/**
 * Reads options from the script tag's `data-` attributes. The endpoint defaults to the script's own origin.
 *
 * Returns null without `data-tenant-id` or `data-write-key`; then the page calls `init` itself.
 */
export function readTag(tag: HTMLScriptElement): Options | null {
  const { tenantId, writeKey, endpoint, consent } = tag.dataset
  if (!tenantId || !writeKey) {
    return null
  }
  return { tenantId, writeKey, endpoint: endpoint || new URL(tag.src).origin, consent: consent !== 'false' }
}
