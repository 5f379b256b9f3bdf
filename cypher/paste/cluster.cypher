// purpose: List the tenures of one identity, how each belongs to it, and the evidence on the way.
// access:  read
// params:  tenant STRING, who STRING, confidence_min FLOAT, limit INTEGER
// returns: how STRING, confidence FLOAT, device STRING, evidence LIST<STRING>, login ZONED DATETIME NULL, events INTEGER, first_seen ZONED DATETIME, last_seen ZONED DATETIME, visitor_id STRING, tenure_id STRING
// index:   User(tenant, user_id), User(tenant, linked_id), Identity(tenant, identity_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id)
// given:   tenant = 'demo': The tenant to read.
//          who: A user id, an identity id or a visitor id. The query takes the identity that the id belongs to now.
//          confidence_min = 0.5: The lowest confidence to include, 0–1.
//          limit = 100: The most tenures to return, surest first.
// paste:   :params {tenant: 'demo', who: 'anna', confidence_min: 0.5, limit: 100}
// example: | how     | confidence | device                       | evidence         | login               | events | first_seen          | last_seen           | visitor_id  | tenure_id   |
//          |---------|------------|------------------------------|------------------|---------------------|--------|---------------------|---------------------|-------------|-------------|
//          | claim   | 1.00       | Mobile Safari on iOS, mobile |                  | 2026-03-14 17:06:00 | 3      | 2026-03-14 17:03:00 | 2026-03-14 17:08:00 | vis_…960f75 | ten_…d6ff6a |
//          | claim   | 1.00       | Chrome on Linux, desktop     |                  | 2026-03-14 12:03:00 | 2      | 2026-03-14 12:02:00 | 2026-03-14 12:03:00 | vis_…df8377 | ten_…f468e8 |
//          | tied    | 0.90       | Chrome on Linux, desktop     | fingerprint 0.90 | 2026-03-14 12:03:00 | 1      | 2026-03-17 17:08:00 | 2026-03-17 17:08:00 | vis_…df8377 | ten_…344e83 |
//          | adopted | 0.89       | Chrome on Linux, desktop     | fingerprint 0.89 | 2026-03-14 12:03:00 | 1      | 2026-03-04 12:00:00 | 2026-03-04 12:02:00 | vis_…df8377 | ten_…acf15b |
CALL () {
  MATCH (start:User {tenant: $tenant, user_id: $who})
  RETURN start
  UNION
  MATCH (start:Identity {tenant: $tenant, identity_id: $who})
  RETURN start
  UNION
  MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $who})
  MATCH (start:Identity {tenant: $tenant, identity_id: visitor.latest_tenure_id})
  RETURN start
}
MATCH
  (start)
  ((lower WHERE NOT EXISTS { (lower)-[:RESOLVES_TO]->() })-[up:TIED_TO]->(upper)){0,8}
  (nearest)
WHERE
  EXISTS { (nearest)-[:RESOLVES_TO]->() } OR
  NOT EXISTS { (nearest)-[:TIED_TO]->() }
OPTIONAL MATCH (nearest)-[:RESOLVES_TO]->(user:User)
WITH start, coalesce(user, nearest) AS identity
WHERE
  // Leave out a hidden identity, and an identity whose relationship with this visitor is hidden.
  identity.hidden IS NULL AND
  NOT EXISTS {
    MATCH (start)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
    // An older release creates visitors without root_id. What is hidden must stay hidden next to one.
    MATCH (root:Visitor {tenant: $tenant, visitor_id: coalesce(used.root_id, used.visitor_id)})
    USING INDEX SEEK root:Visitor(tenant, visitor_id)
    MATCH (root)-[identified:IDENTIFIED_AS]->(identity)
    WHERE NOT identified.visible
  }
WITH DISTINCT identity
CALL (identity) {
  RETURN identity AS owner
  UNION
  MATCH (owner:User {tenant: $tenant, linked_id: identity.linked_id})
  USING INDEX SEEK owner:User(tenant, linked_id)
  RETURN owner
}
WITH *
WHERE owner.hidden IS NULL
WITH DISTINCT owner AS identity
CALL (identity) {
  MATCH (identity)<-[resolves:RESOLVES_TO]-(holder:Tenure)
  OPTIONAL MATCH (holder) (()<-[tie:TIED_TO]-()){1,8} (claimed:Tenure)
  WHERE resolves.method = 'adopted' AND claimed.identity_id = resolves.claim
  RETURN holder, resolves, [step IN tie | step.evidence] AS adopted_by
  UNION
  RETURN identity AS holder, null AS resolves, null AS adopted_by
}
MATCH
  (holder)
  ((above)<-[tie:TIED_TO]-(below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })){0,8}
  (certain)
WITH
  identity,
  certain,
  CASE
    WHEN size(tie) > 0 THEN 'tied'
    ELSE coalesce(resolves.method, 'own')
  END AS method,
  resolves.at AS login,
  coalesce(adopted_by, []) + [step IN tie | step.evidence] AS reasons,
  reduce(
    least = CASE WHEN resolves.method = 'adopted' THEN resolves.confidence ELSE 1.0 END,
    step IN tie | CASE WHEN step.confidence < least THEN step.confidence ELSE least END
  ) AS sure
CALL (certain, method, login, reasons, sure) {
  MATCH (certain)
  WHERE certain:Tenure
  RETURN certain AS tenure, method AS how, login AS logged_in, reasons AS evidence, sure AS confidence
  UNION
  // Of a tenure without a user, only the strongest inference counts.
  MATCH (certain)<-[probably:PROBABLY]-(maybe:Tenure)
  WHERE NOT EXISTS { (maybe)-[:TIED_TO*0..8]->()-[:RESOLVES_TO]->() }
  MATCH
    (maybe)
    ((above)<-[tie:TIED_TO]-(below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })){0,8}
    (tenure:Tenure)
  CALL (tenure) {
    // The tenure's own inferences, and those of the top of its ties.
    MATCH (tenure)-[:TIED_TO*0..8]->(holder)-[inferred:PROBABLY]->(whom:Identity)
    WHERE holder = tenure OR NOT EXISTS { (holder)-[:TIED_TO]->() }
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
    RETURN inferred AS strongest
    ORDER BY inferred.confidence DESC, inferred.last_seen DESC, whom.identity_id
    LIMIT 1
  }
  WITH tenure, probably, tie, reasons, sure, strongest
  WHERE probably = strongest
  RETURN
    tenure,
    'probably, by ' + probably.method AS how,
    null AS logged_in,
    reasons + probably.evidence + [step IN tie | step.evidence] AS evidence,
    reduce(
      least = CASE WHEN probably.confidence < sure THEN probably.confidence ELSE sure END,
      step IN tie | CASE WHEN step.confidence < least THEN step.confidence ELSE least END
    ) AS confidence
}
WITH identity, tenure, how, logged_in, evidence, confidence
ORDER BY confidence DESC, how
WITH
  identity,
  tenure,
  head(collect(how)) AS how,
  min(logged_in) AS login,
  head(collect(evidence)) AS evidence,
  max(confidence) AS confidence
WHERE
  confidence >= $confidence_min AND
  NOT EXISTS {
    MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
    // An older release creates visitors without root_id. What is hidden must stay hidden next to one.
    MATCH (root:Visitor {tenant: $tenant, visitor_id: coalesce(used.root_id, used.visitor_id)})
    USING INDEX SEEK root:Visitor(tenant, visitor_id)
    MATCH (root)-[identified:IDENTIFIED_AS]->(identity)
    WHERE NOT identified.visible
  }
ORDER BY confidence DESC, tenure.last_seen DESC, tenure.identity_id
LIMIT toInteger($limit)
MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
CALL (tenure) {
  MATCH (tenure)<-[:DURING]-(visit)
  RETURN visit
  ORDER BY visit.last_seen DESC, visit.session_id
  LIMIT 1
}
RETURN
  how,
  round(confidence, 2) AS confidence,
  coalesce(visit.browser + ' on ' + visit.os + ', ' + visit.device_class, visitor.kind) AS device,
  evidence,
  login,
  tenure.events AS events,
  tenure.first_seen AS first_seen,
  tenure.last_seen AS last_seen,
  visitor.visitor_id AS visitor_id,
  tenure.identity_id AS tenure_id
ORDER BY confidence DESC, last_seen DESC, tenure_id
