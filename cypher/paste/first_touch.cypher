// purpose: List the visits of one identity, from its first visit to the first event of a given name.
// access:  read
// params:  tenant STRING, who STRING, event STRING, confidence_min FLOAT, limit INTEGER
// returns: at ZONED DATETIME, before STRING, device STRING, referrer STRING NULL, page STRING NULL, events LIST<STRING>, confidence FLOAT, visitor_id STRING, session_id STRING
// index:   User(tenant, user_id), User(tenant, linked_id), Identity(tenant, identity_id), Visitor(tenant, visitor_id), Event(tenant, tenure_id, at, event_id), Visitor(tenant, root_id)
// given:   tenant = 'demo': The tenant to read.
//          who: A user id, an identity id or a visitor id. The query takes the identity that the id belongs to now.
//          event: The name of the event, such as buy. Its first occurrence counts.
//          confidence_min = 0.5: The lowest confidence to include, 0–1.
//          limit = 100: The most visits to return, earliest first.
// paste:   :params {tenant: 'demo', who: 'anna', event: 'buy', confidence_min: 0.5, limit: 100}
// example: | at                  | before      | device                       | referrer                | page                  | events         | confidence | visitor_id  | session_id  |
//          |---------------------|-------------|------------------------------|-------------------------|-----------------------|----------------|------------|-------------|-------------|
//          | 2026-03-04 12:00:00 | 10d 5h 7min | Chrome on Linux, desktop     | https://search.example/ | https://shop.example/ | search         | 0.89       | vis_…df8377 | ses_…eb99cc |
//          | 2026-03-14 12:02:00 | 0d 5h 5min  | Chrome on Linux, desktop     |                         |                       | view, identify | 1.00       | vis_…df8377 | ses_…be5d79 |
//          | 2026-03-14 17:03:00 | 0d 0h 4min  | Mobile Safari on iOS, mobile |                         |                       | identify, buy  | 1.00       | vis_…960f75 | ses_…0b7481 |
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
  RETURN
    holder,
    resolves.method AS method,
    CASE WHEN resolves.method = 'claim' THEN 1.0 ELSE resolves.confidence END AS sure
  UNION
  RETURN identity AS holder, 'own' AS method, 1.0 AS sure
}
MATCH
  (holder)
  ((above)<-[ties:TIED_TO]-(below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })){0,8}
  (certain)
WITH
  identity,
  certain,
  CASE WHEN size(ties) = 0 THEN method ELSE 'tied' END AS method,
  reduce(least = sure, tie IN ties | CASE WHEN tie.confidence < least THEN tie.confidence ELSE least END) AS sure
CALL (certain, method, sure) {
  MATCH (certain)
  WHERE certain:Tenure
  RETURN certain AS tenure, method AS how, sure AS confidence
  UNION
  // Only the strongest inference of a tenure without a user counts.
  MATCH (certain)<-[probably:PROBABLY]-(maybe:Tenure)
  WHERE NOT EXISTS { (maybe)-[:TIED_TO*0..8]->()-[:RESOLVES_TO]->() }
  MATCH
    (maybe)
    ((above)<-[ties:TIED_TO]-(below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })){0,8}
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
  WITH tenure, probably, ties, sure, strongest
  WHERE probably = strongest
  RETURN
    tenure,
    'probably, by ' + probably.method AS how,
    reduce(
      least = CASE WHEN probably.confidence < sure THEN probably.confidence ELSE sure END,
      tie IN ties | CASE WHEN tie.confidence < least THEN tie.confidence ELSE least END
    ) AS confidence
}
WITH identity, tenure, how, confidence
ORDER BY confidence DESC, how
WITH identity, tenure, head(collect(how)) AS how, max(confidence) AS confidence
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
OPTIONAL CALL (tenure) {
  MATCH (goal:Event)
  USING INDEX SEEK goal:Event(tenant, tenure_id, at, event_id)
  WHERE
    goal.tenant = $tenant AND
    goal.tenure_id = tenure.identity_id AND
    goal.at IS NOT NULL AND
    goal.event_id IS NOT NULL AND
    goal.name = $event
  RETURN goal
  ORDER BY goal.tenant, goal.tenure_id, goal.at, goal.event_id
  LIMIT 1
}
WITH collect([tenure, confidence]) AS tenures, min(goal.at) AS reached
WHERE reached IS NOT NULL
UNWIND tenures AS pair
WITH pair[0] AS tenure, pair[1] AS confidence, reached
MATCH (session:Session)-[:DURING]->(tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
WHERE session.started_at <= reached
WITH session, visitor, confidence, reached
ORDER BY session.started_at, session.session_id
LIMIT toInteger($limit)
CALL (session, reached) {
  OPTIONAL MATCH (session)-[:RECORDED]->(event:Event)
  WHERE event.at <= reached
  WITH event
  ORDER BY event.at, event.event_id
  RETURN collect(event.name)[..20] AS events
}
WITH *, duration.inSeconds(session.started_at, reached).seconds AS seconds
RETURN
  session.started_at AS at,
  toString(seconds / 86400) + 'd ' + toString(seconds % 86400 / 3600) + 'h ' + toString(seconds % 3600 / 60) + 'min'
  AS before,
  coalesce(session.browser + ' on ' + session.os + ', ' + session.device_class, visitor.kind) AS device,
  session.page_referrer AS referrer,
  session.page_url AS page,
  events,
  round(confidence, 2) AS confidence,
  visitor.visitor_id AS visitor_id,
  session.session_id AS session_id
ORDER BY at, session_id
