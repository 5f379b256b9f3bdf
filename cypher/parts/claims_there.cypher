// purpose: The users of a visitor (visitor), ten at most of all times (users), and what they claimed on the visitor's own jars (claims).
CALL (visitor) {
  WITH {root_id: visitor.root_id} AS used, datetime('1970-01-01') AS since, datetime('9999-01-01') AS until
  // part: users_there
  RETURN users
}
CALL (visitor, users) {
  UNWIND users AS used_by
  MATCH (user:User {tenant: $tenant, user_id: used_by.user_id})
  MATCH (user)<-[claim:RESOLVES_TO {method: 'claim'}]-(claimed:Tenure)-[:ON]->(jar:Jar)-[into:IN]->(visitor)
  RETURN collect({
    tenure_id: claimed.identity_id,
    user_id: user.user_id,
    identity_id: user.identity_id,
    linked_id: user.linked_id,
    at: claim.at.epochMillis,
    above_id: head([(claimed)-[:TIED_TO]->(over:Tenure) | over.identity_id]),
    fingerprint: CASE WHEN into.method IN ['fingerprint', 'fuzzy_fingerprint'] THEN into.fingerprint END,
    confidence: CASE WHEN into.method IN ['fingerprint', 'fuzzy_fingerprint'] THEN into.confidence END
  }) AS claims
}
