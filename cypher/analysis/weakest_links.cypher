// purpose: The links that identities rest on, least sure first, with their evidence and what hangs on them.
// access:  read
// params:  tenant STRING, type STRING, confidence_min FLOAT, look_at INTEGER, limit INTEGER
// returns: confidence FLOAT, type STRING, method STRING, device STRING, whose STRING, evidence STRING NULL, since ZONED DATETIME, events INTEGER, visitor_id STRING, tenure_id STRING
// index:   Identity(tenant, identity_id)
// given:   tenant = 'demo': Whose graph.
//          type = '': TIED_TO or PROBABLY; empty for both.
//          confidence_min = 0.5: Leave out what is less sure, which reads leave out, too, 0–1.
//          look_at = 100000: Look at so many tenures, the newest; the index is read by its tenant.
//          limit = 50: At most so many links.
// paste:   :params {tenant: 'demo', type: '', confidence_min: 0.5, look_at: 100000, limit: 50}
// example: | confidence | type     | method      | device                       | whose | evidence                       | since               | events | visitor_id  | tenure_id   |
//          |------------|----------|-------------|------------------------------|-------|--------------------------------|---------------------|--------|-------------|-------------|
//          | 0.60       | PROBABLY | fingerprint | Mobile Safari on iOS, mobile | ben   | fingerprint 0.60 (shared by 2) | 2026-03-17 17:21:00 | 1      | vis_…29327a | ten_…72a3bd |
//          | 0.60       | PROBABLY | fingerprint | Mobile Safari on iOS, mobile | cleo  | fingerprint 0.60 (shared by 2) | 2026-03-17 17:21:00 | 1      | vis_…29327a | ten_…72a3bd |
//          | 0.89       | TIED_TO  | fingerprint | Chrome on Linux, desktop     | anna  | fingerprint 0.89               | 2026-03-14 12:02:00 | 1      | vis_…df8377 | ten_…f468e8 |
//          | 0.90       | TIED_TO  | fingerprint | Chrome on Linux, desktop     | anna  | fingerprint 0.90               | 2026-03-17 17:08:00 | 1      | vis_…df8377 | ten_…344e83 |
MATCH (tenure:Identity)
USING INDEX tenure:Identity(tenant, identity_id)
WHERE tenure.tenant = $tenant AND tenure.identity_id STARTS WITH 'ten_'
WITH tenure
ORDER BY tenure.tenant DESC, tenure.identity_id DESC
LIMIT toInteger($look_at)
MATCH (tenure)-[link:TIED_TO|PROBABLY]->(other:Identity)
WHERE $type IN ['', type(link)] AND link.confidence >= $confidence_min
WITH
  tenure,
  link,
  other,
  EXISTS { (tenure)-[:RESOLVES_TO]->() } AS has_user,
  EXISTS { (tenure)-[:RESOLVES_TO]->(:User)<-[adopted:RESOLVES_TO]-(other) WHERE adopted.method = 'adopted' } AS carries
WHERE
  // A login's own tenure rests on no link, but what was before it may follow from it through one.
  CASE type(link)
    WHEN 'TIED_TO' THEN carries OR NOT has_user
    ELSE
      NOT has_user AND
      NOT EXISTS { (tenure)-[:TIED_TO*1..8]->()-[:RESOLVES_TO]->() }
  END
CALL (tenure, link, other) {
  WITH tenure AS start, CASE type(link) WHEN 'PROBABLY' THEN [[link, other]] ELSE [] END AS links
  // What was said holds, before an inference or after it. Told: a tenure, one above it, a visitor that is one with its own…
  WITH links, COLLECT {
    MATCH (start)-[:TIED_TO|ON|IN|MERGED_INTO*0..19]->()<-[:MERGED_INTO*0..8]-(one)
    WITH DISTINCT one
    WHERE EXISTS { (one)-[:CANNOT_LINK]-() }
    RETURN one
  } AS told
  UNWIND links AS pair
  WITH pair[0] AS inferred, pair[1] AS whom, coalesce(pair[0].via, []) AS between, told
  WITH inferred, whom, between, told + COLLECT {
    // …or these of what it was carried on by.
    UNWIND between AS passed
    MATCH (:Identity {tenant: $tenant, identity_id: passed})-[:TIED_TO|ON|IN|MERGED_INTO*0..19]->()<-[:MERGED_INTO*0..8]-(one)
    WITH DISTINCT one
    WHERE EXISTS { (one)-[:CANNOT_LINK]-() }
    RETURN one
  } AS told
  WHERE
    // Not whom somebody said that one of these is not…
    NOT EXISTS {
      UNWIND told AS one
      MATCH
        (one)-[:CANNOT_LINK]-(apart)
        ((under WHERE NOT EXISTS { (under)-[:RESOLVES_TO]->() })-[:TIED_TO]->()){0,8}
        ()-[:RESOLVES_TO]->{0,1}(whose)
      WHERE whose IN COLLECT {
        MATCH
          (whom)
          ((beside WHERE NOT EXISTS { (beside)-[:RESOLVES_TO]->() })-[:TIED_TO]->()){0,8}
          ()-[:RESOLVES_TO]->{0,1}(led_to)
        RETURN led_to
      }
      RETURN apart
    } AND
    // …nor by way of visitors that are not one: whom it leads to, or every login that it was carried on from, and all between.
    EXISTS {
      UNWIND coalesce(inferred.claims, [whom.identity_id]) AS source
      WITH source
      WHERE NOT EXISTS {
        UNWIND told AS one
        MATCH (one)-[:CANNOT_LINK]-()-[:MERGED_INTO*0..8]->(apart)
        WHERE apart IN COLLECT {
          UNWIND between + source AS passed
          MATCH (:Identity {tenant: $tenant, identity_id: passed})-[:ON|IN|MERGED_INTO*2..10]->(seen_on)
          RETURN seen_on
        }
        RETURN apart
      }
      RETURN source
    }
  // So far what was said.
  RETURN count(*) AS read
}
WITH tenure, link, other, carries, read
WHERE type(link) = 'TIED_TO' OR read = 1
CALL (other) {
  MATCH
    (other)
    ((lower WHERE NOT EXISTS { (lower)-[:RESOLVES_TO]->() })-[:TIED_TO]->(upper)){0,8}
    (nearest)
  WHERE
    EXISTS { (nearest)-[:RESOLVES_TO]->() } OR
    NOT EXISTS { (nearest)-[:TIED_TO]->() }
  OPTIONAL MATCH (nearest)-[:RESOLVES_TO]->(user:User)
  RETURN coalesce(user, nearest) AS identity
}
WITH
  tenure,
  link,
  identity,
  coalesce(identity.user_id, identity.identity_id) AS whose,
  CASE WHEN carries THEN other.events ELSE tenure.events END AS events
WHERE
  // Nobody is told who is hidden, or that somebody hidden there was on a visitor.
  identity.hidden IS NULL AND
  NOT EXISTS {
    (tenure)-[:ON]->(:Jar)-[:IN]->(:Visitor)-[:MERGED_INTO*0..8]->(:Visitor)-[identified:IDENTIFIED_AS]->(identity)
    WHERE NOT identified.visible
  }
ORDER BY link.confidence, link.since DESC, tenure.identity_id, whose
LIMIT toInteger($limit)
MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
CALL (tenure) {
  MATCH (tenure)<-[:DURING]-(visit)
  RETURN visit
  ORDER BY visit.last_seen DESC, visit.session_id
  LIMIT 1
}
RETURN
  round(link.confidence, 2) AS confidence,
  type(link) AS type,
  link.method AS method,
  coalesce(visit.browser + ' on ' + visit.os + ', ' + visit.device_class, visitor.kind) AS device,
  whose,
  link.evidence AS evidence,
  link.since AS since,
  events,
  visitor.visitor_id AS visitor_id,
  tenure.identity_id AS tenure_id
ORDER BY confidence, since DESC, tenure_id, whose
