// purpose: What decides whose each first tenure of a visitor's jars is: these tenures if nobody claimed them, with what they are
//          tied to and whose they are; the merge group's claims; and its users.
// access:  read
// params:  tenant STRING, visitor_id STRING
// returns: machines INTEGER, recent_users LIST<STRING>, tenures LIST<MAP>, claims LIST<MAP>, users LIST<MAP>
// index:   Visitor(tenant, visitor_id), Fingerprint(tenant, hash), Visitor(tenant, root_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
CALL (visitor) {
  MATCH (visitor)<-[into:IN]-(jar:Jar)<-[:ON]-(tenure:Tenure)
  WHERE
    NOT EXISTS { (tenure)-[:RESOLVES_TO {method: 'claim'}]->() } AND
    tenure.released_from IS NULL AND
    NOT EXISTS { (jar)<-[:ON]-(before:Tenure) WHERE before.since < tenure.since } AND
    // A split took it apart.
    NOT EXISTS { (tenure)-[:CANNOT_LINK]-() }
  OPTIONAL MATCH (tenure)-[tie:TIED_TO]->(above:Tenure)
  WITH visitor, into, tenure, tie, above, coalesce(into.fingerprint, head([(visitor)<-[found:IN {method: 'fingerprint'}]-(:Jar) | found.fingerprint]), '') AS hash
  WHERE
    // What was tied to nothing when it arrived stays so, such as after a log-out.
    (
      into.method <> 'fingerprint' OR
      tie IS NOT NULL OR
      EXISTS { (tenure)-[:PROBABLY {method: 'fingerprint'}]->() }
    ) AND
    // A fingerprint that another merge group has, too, ties nothing.
    NOT EXISTS {
      (:Fingerprint {tenant: $tenant, hash: hash})<-[:HAS_FINGERPRINT]-(other:Visitor)
      WHERE other.root_id <> visitor.root_id
    }
  CALL (tenure) {
    OPTIONAL MATCH path = (tenure)-[:TIED_TO*0..8]->()-[:RESOLVES_TO]->(user:User)
    RETURN user.user_id AS user_id
    ORDER BY length(path)
    LIMIT 1
  }
  RETURN collect({
    tenure_id: tenure.identity_id,
    first_seen: tenure.first_seen.epochMillis,
    user_id: user_id,
    above_id: above.identity_id,
    tie_method: tie.method,
    below_ids: [(below:Tenure)-[:TIED_TO {method: 'fingerprint'}]->(tenure) | below.identity_id],
    fingerprint: hash,
    confidence: coalesce(tie.confidence, into.confidence),
    evidence: coalesce(tie.evidence, CASE WHEN into.method = 'fingerprint' THEN into.evidence END)
  }) AS tenures
}
CALL (visitor) {
  MATCH (:Visitor {tenant: $tenant, root_id: visitor.root_id})<-[:IN]-(:Jar)<-[:ON]-(claimed:Tenure)
  MATCH (claimed)-[claim:RESOLVES_TO {method: 'claim'}]->(user:User)
  RETURN collect({
    tenure_id: claimed.identity_id,
    user_id: user.user_id,
    identity_id: user.identity_id,
    at: claim.at.epochMillis
  }) AS claims
}
CALL (visitor) {
  WITH {root_id: visitor.root_id} AS used, datetime('1970-01-01') AS since, datetime('9999-01-01') AS until
  // part: users_there
  RETURN users
}
RETURN coalesce(visitor.machines, 1) AS machines, visitor.recent_users AS recent_users, tenures, claims, users
