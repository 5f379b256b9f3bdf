// purpose: List the ties and inferences that identities rest on, least sure first, each with its evidence and number of events.
// access:  read
// params:  tenant STRING, type STRING, confidence_min FLOAT, look_at INTEGER, limit INTEGER
// returns: confidence FLOAT, type STRING, method STRING, device STRING, whose STRING, evidence STRING NULL, since ZONED DATETIME, events INTEGER, visitor_id STRING, tenure_id STRING
// index:   Identity(tenant, identity_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id)
// given:   tenant = 'demo': The tenant to read.
//          type = '': TIED_TO or PROBABLY. Empty means both.
//          confidence_min = 0.5: The lowest confidence to include, 0–1. Reads leave out lower ones too.
//          look_at = 100000: The most tenures to examine, newest first. They come from an index, by tenant.
//          limit = 50: The most links to return.
// paste:   :params {tenant: 'demo', type: '', confidence_min: 0.5, look_at: 100000, limit: 50}
// example: | confidence | type     | method      | device                       | whose | evidence                       | since               | events | visitor_id  | tenure_id   |
//          |------------|----------|-------------|------------------------------|-------|--------------------------------|---------------------|--------|-------------|-------------|
//          | 0.60       | PROBABLY | fingerprint | Mobile Safari on iOS, mobile | ben   | fingerprint 0.60 (shared by 2) | 2026-03-17 17:21:00 | 1      | vis_…29327a | ten_…72a3bd |
//          | 0.60       | PROBABLY | fingerprint | Mobile Safari on iOS, mobile | cleo  | fingerprint 0.60 (shared by 2) | 2026-03-17 17:21:00 | 1      | vis_…29327a | ten_…72a3bd |
//          | 0.89       | TIED_TO  | fingerprint | Chrome on Linux, desktop     | anna  | fingerprint 0.89               | 2026-03-14 12:02:00 | 1      | vis_…df8377 | ten_…f468e8 |
//          | 0.90       | TIED_TO  | fingerprint | Chrome on Linux, desktop     | anna  | fingerprint 0.90               | 2026-03-17 17:08:00 | 1      | vis_…df8377 | ten_…344e83 |
MATCH (tenure:Identity)
USING INDEX SEEK tenure:Identity(tenant, identity_id)
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
  // A claimed tenure rests on no link. Its tie still counts if the tenure above adopted the claim through that tie.
  CASE type(link)
    WHEN 'TIED_TO' THEN carries OR NOT has_user
    ELSE
      NOT has_user AND
      NOT EXISTS { (tenure)-[:TIED_TO*1..8]->()-[:RESOLVES_TO]->() }
  END
CALL (tenure, link, other) {
  WITH tenure, link AS inferred, other AS whom
  WHERE type(inferred) = 'PROBABLY'
  WITH tenure, inferred, whom, coalesce(inferred.via, []) AS between
  WITH inferred, whom, between, COLLECT {
    UNWIND [tenure.identity_id] + between AS told_id
    MATCH (:Identity {tenant: $tenant, identity_id: told_id})-[:TIED_TO*0..8]->(upper)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
    // By itself the id is sought. Beside `used`, Neo4j plans on a new graph to look at all visitors of the tenant.
    WITH upper, used.root_id AS root_id
    MATCH (member:Visitor {tenant: $tenant, root_id: root_id})
    WITH upper, collect(member) AS members
    UNWIND [upper] + members AS told
    WITH DISTINCT told
    // The degree first: hardly anybody has one.
    WHERE EXISTS { (told)-[:CANNOT_LINK]-() }
    MATCH (told)-[:CANNOT_LINK]-(apart)
    RETURN DISTINCT apart
  } AS apart_from
  WHERE
    // Nobody on this side is cannot-linked to what the other identity follows, or to its user…
    NOT EXISTS {
      UNWIND apart_from AS apart
      MATCH
        (apart)
        ((under WHERE NOT EXISTS { (under)-[:RESOLVES_TO]->() })-[way:TIED_TO]->(over)){0,8}
        ()-[:RESOLVES_TO]->{0,1}(whose)
      WHERE whose IN COLLECT {
        MATCH
          (whom)
          ((beside WHERE NOT EXISTS { (beside)-[:RESOLVES_TO]->() })-[path:TIED_TO]->(beyond)){0,8}
          ()-[:RESOLVES_TO]->{0,1}(led_to)
        RETURN led_to
      }
      RETURN apart
    } AND
    // …and at least one source, the other identity or a login that was carried on, is reached without crossing one.
    EXISTS {
      UNWIND coalesce(inferred.claims, [whom.identity_id]) AS source
      WITH source
      WHERE NOT EXISTS {
        UNWIND apart_from AS apart
        UNWIND between + source AS passed_id
        MATCH (:Identity {tenant: $tenant, identity_id: passed_id})-[:ON]->(:Jar)-[:IN]->(seen_on:Visitor)
        WHERE seen_on.root_id = apart.root_id
        RETURN seen_on
      }
      RETURN source
    }
  RETURN count(*) AS read
}
WITH tenure, link, other, carries, read
WHERE type(link) = 'TIED_TO' OR read = 1
CALL (other) {
  MATCH
    (other)
    ((lower WHERE NOT EXISTS { (lower)-[:RESOLVES_TO]->() })-[up:TIED_TO]->(upper)){0,8}
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
  // Leave out a hidden identity, and one whose relationship with this visitor is hidden.
  identity.hidden IS NULL AND
  NOT EXISTS {
    MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
    // An older release creates visitors without root_id. What is hidden must stay hidden next to one.
    MATCH (root:Visitor {tenant: $tenant, visitor_id: coalesce(used.root_id, used.visitor_id)})
    USING INDEX SEEK root:Visitor(tenant, visitor_id)
    MATCH (root)-[identified:IDENTIFIED_AS]->(identity)
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
