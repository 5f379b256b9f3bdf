// purpose: By which facts each tenure or user belongs to an identity at a time, its ties upwards and the nearest user's edge, and
//          what was inferred if no user has it.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, identity_id STRING}, at ZONED DATETIME
// returns: i INTEGER, tenure_ids LIST<STRING>, visitor_ids LIST<STRING>, ties LIST<MAP>, held MAP NULL, user_id STRING NULL, user_identity_id STRING NULL, is_linked BOOLEAN, inferred LIST<MAP>, readable LIST<STRING>
// index:   Identity(tenant, identity_id), Visitor(tenant, root_id)
UNWIND $rows AS row
MATCH (start:Identity {tenant: $tenant, identity_id: row.identity_id})
MATCH
  (start)
  ((lesser
    WHERE NOT EXISTS {
      (lesser)-[edge:RESOLVES_TO|RESOLVED_TO]->()
      WHERE
        // part: open_at
    })-[climbed:TIED_TO|WAS_TIED_TO WHERE climbed.since <= $at AND coalesce(climbed.until > $at, true)]->(greater)){0,8}
  (nearest)
WHERE
  EXISTS {
    (nearest)-[edge:RESOLVES_TO|RESOLVED_TO]->()
    WHERE
      // part: open_at
  } OR
  NOT EXISTS {
    (nearest)-[edge:TIED_TO|WAS_TIED_TO]->()
    WHERE
      // part: open_at
  }
WITH row, start, nearest, climbed, [start] + greater AS steps
OPTIONAL MATCH (nearest)-[edge:RESOLVES_TO|RESOLVED_TO]->(user:User)
WHERE
  // part: open_at
WITH row, start, nearest, climbed, steps, edge, user, coalesce(user, nearest) AS owner
CALL (start, nearest, edge) {
  UNWIND CASE WHEN edge IS NOT NULL THEN [] WHEN start = nearest THEN [start] ELSE [start, nearest] END AS holder
  MATCH (holder)-[link:PROBABLY|WAS_PROBABLY]->(whom:Identity)
  WHERE
    // part: open_at(edge: link)
  RETURN collect({
    holder_id: holder.identity_id,
    identity_id: whom.identity_id,
    method: link.method,
    confidence: link.confidence,
    evidence: link.evidence,
    since: link.since.epochMillis,
    last_seen: link.last_seen.epochMillis,
    rests_on: link.rests_on,
    weeks: link.weeks,
    claims: link.claims,
    change_id: link.change_id
  }) AS inferences
}
CALL (start, nearest) {
  UNWIND CASE WHEN start = nearest THEN [start] ELSE [start, nearest] END AS holder
  MATCH (holder)-[inferred:PROBABLY]->(whom:Identity)
  // part: no_cannot_link
  RETURN collect(whom.identity_id) AS readable
}
RETURN
  row.i AS i,
  [step IN steps | step.identity_id] AS tenure_ids,
  [step IN steps | head([(step)-[:ON]->(:Jar)-[:IN]->(used:Visitor) | used.visitor_id])] AS visitor_ids,
  [tie IN climbed | tie {.method, .confidence, .evidence, .change_id, since: tie.since.epochMillis}] AS ties,
  CASE
    WHEN edge IS NULL THEN null
    ELSE {
      method: edge.method,
      claim: edge.claim,
      at: edge.at.epochMillis,
      session_id: edge.session_id,
      confidence: coalesce(edge.confidence, 1.0),
      verified: coalesce(edge.verified, false),
      change_id: edge.change_id
    }
  END AS held,
  coalesce(user.user_id, nearest.user_id) AS user_id,
  coalesce(user.identity_id, CASE WHEN nearest:User THEN nearest.identity_id END) AS user_identity_id,
  EXISTS { (owner)-[:LINKED_TO|WAS_LINKED_TO]-() } AS is_linked,
  inferences AS inferred,
  readable
