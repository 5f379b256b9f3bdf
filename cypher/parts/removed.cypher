// purpose: How many things of each kind an erasure has removed so far.
{
  tenures: coalesce(erasure.tenures, 0),
  jars: coalesce(erasure.jars, 0),
  visitors: coalesce(erasure.visitors, 0),
  fingerprints: coalesce(erasure.fingerprints, 0),
  addresses: coalesce(erasure.addresses, 0),
  sessions: coalesce(erasure.sessions, 0),
  events: coalesce(erasure.events, 0),
  audit_entries: coalesce(erasure.audit_entries, 0),
  warnings: coalesce(erasure.warnings, 0),
  messages: coalesce(erasure.messages, 0)
}
