// purpose: What decides whose each first tenure of a visitor's jars is: these tenures if nobody claimed them, with what they are
//          tied to and whose they are; the visitor's users, and what they claimed there.
// access:  read
// params:  tenant STRING, visitor_id STRING
// returns: users LIST<MAP>, claims LIST<MAP>, machines INTEGER, recent_users LIST<STRING>, tenures LIST<MAP>
// index:   Visitor(tenant, visitor_id), Fingerprint(tenant, hash), User(tenant, user_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
CALL (visitor) {
  MATCH (visitor)<-[into:IN]-(jar:Jar)<-[:ON]-(tenure:Tenure)
  WHERE
    NOT EXISTS { (tenure)-[:RESOLVES_TO {method: 'claim'}]->() } AND
    tenure.released_from IS NULL AND
    NOT EXISTS { (jar)<-[:ON]-(before:Tenure) WHERE before.since < tenure.since } AND
    // A split took it apart, or a merge tied it.
    NOT EXISTS { (tenure)-[:CANNOT_LINK]-() } AND
    NOT EXISTS { (tenure)-[merged:TIED_TO]-() WHERE NOT merged.method IN ['fingerprint', 'fuzzy_fingerprint'] }
  OPTIONAL MATCH (tenure)-[tie:TIED_TO]->(above:Tenure)
  WITH visitor, into, tenure, tie, above
  WHERE
    // A fingerprint that another merge group has, too, ties nothing.
    NOT EXISTS {
      (:Fingerprint {tenant: $tenant, hash: into.fingerprint})<-[:HAS_FINGERPRINT]-(other:Visitor)
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
    below_ids: [(below:Tenure)-[:TIED_TO]->(tenure) | below.identity_id],
    inferred_users: [
      (tenure)-[inference:PROBABLY]->(:Tenure)-[:RESOLVES_TO]->(probable:User)
      WHERE inference.method IN ['fingerprint', 'fuzzy_fingerprint']
      | probable.user_id
    ],
    // It was tied to nothing when it arrived, as after a log-out or at a kiosk.
    is_apart: into.method IN ['fingerprint', 'fuzzy_fingerprint'] AND
      tie IS NULL AND NOT
      EXISTS { (tenure)-[inference:PROBABLY]->() WHERE inference.method IN ['fingerprint', 'fuzzy_fingerprint'] },
    fingerprint: into.fingerprint,
    confidence: coalesce(tie.confidence, into.confidence),
    evidence: coalesce(tie.evidence, CASE WHEN into.method IN ['fingerprint', 'fuzzy_fingerprint'] THEN into.evidence END)
  }) AS tenures
}
// part: claims_there
RETURN users, claims, coalesce(visitor.machines, 1) AS machines, visitor.recent_users AS recent_users, tenures
