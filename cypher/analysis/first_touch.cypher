// purpose: How one identity first came, and each visit from then on until it first did something.
// access:  read
// params:  tenant STRING, who STRING, event STRING, confidence_min FLOAT, limit INTEGER
// returns: at ZONED DATETIME, before STRING, device STRING, referrer STRING NULL, page STRING NULL, events LIST<STRING>, confidence FLOAT, visitor_id STRING, session_id STRING
// index:   User(tenant, user_id), Identity(tenant, identity_id), Visitor(tenant, visitor_id), Event(tenant, tenure_id, at, event_id)
// given:   tenant = 'demo': Whose graph.
//          who: A user id, an identity id or a visitor id; whoever it belongs to now is meant.
//          event: Its name, such as buy; the first of that name counts.
//          confidence_min = 0.5: Leave out what is less surely theirs, 0–1.
//          limit = 100: At most so many visits, the earliest.
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
  ((lower WHERE NOT EXISTS { (lower)-[:RESOLVES_TO]->() })-[:TIED_TO]->(upper)){0,8}
  (nearest)
WHERE
  EXISTS { (nearest)-[:RESOLVES_TO]->() } OR
  NOT EXISTS { (nearest)-[:TIED_TO]->() }
OPTIONAL MATCH (nearest)-[:RESOLVES_TO]->(user:User)
WITH start, coalesce(user, nearest) AS identity
WHERE
  // Nobody is told who is hidden, or that somebody hidden there was on a visitor.
  identity.hidden IS NULL AND
  NOT EXISTS {
    (start)-[:ON]->(:Jar)-[:IN]->(:Visitor)-[:MERGED_INTO*0..8]->(:Visitor)-[identified:IDENTIFIED_AS]->(identity)
    WHERE NOT identified.visible
  }
WITH DISTINCT identity
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
  ((above)<-[tie:TIED_TO]-(below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })){0,8}
  (certain)
WITH
  identity,
  certain,
  CASE WHEN size(tie) = 0 THEN method ELSE 'tied' END AS method,
  reduce(least = sure, one IN tie | CASE WHEN one.confidence < least THEN one.confidence ELSE least END) AS sure
CALL (certain, method, sure) {
  MATCH (certain)
  WHERE certain:Tenure
  RETURN certain AS tenure, method AS how, sure AS confidence
  UNION
  // The strongest only, and not where there is a user.
  MATCH (certain)<-[probably:PROBABLY]-(maybe:Tenure)
  WHERE NOT EXISTS { (maybe)-[:TIED_TO*0..8]->()-[:RESOLVES_TO]->() }
  MATCH
    (maybe)
    ((above)<-[tie:TIED_TO]-(below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })){0,8}
    (tenure:Tenure)
  CALL (tenure) {
    // Its own, or that of the top of its ties.
    MATCH (tenure)-[:TIED_TO*0..8]->(holder)-[inferred:PROBABLY]->(whom:Identity)
    WHERE holder = tenure OR NOT EXISTS { (holder)-[:TIED_TO]->() }
    WITH tenure AS start, collect([inferred, whom]) AS links
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
    RETURN inferred AS strongest
    ORDER BY inferred.confidence DESC, inferred.last_seen DESC, whom.identity_id
    LIMIT 1
  }
  WITH tenure, probably, tie, sure, strongest
  WHERE probably = strongest
  RETURN
    tenure,
    'probably, by ' + probably.method AS how,
    reduce(
      least = CASE WHEN probably.confidence < sure THEN probably.confidence ELSE sure END,
      one IN tie | CASE WHEN one.confidence < least THEN one.confidence ELSE least END
    ) AS confidence
}
WITH identity, tenure, how, confidence
ORDER BY confidence DESC, how
WITH identity, tenure, head(collect(how)) AS how, max(confidence) AS confidence
WHERE
  confidence >= $confidence_min AND
  NOT EXISTS {
    (tenure)-[:ON]->(:Jar)-[:IN]->(:Visitor)-[:MERGED_INTO*0..8]->(:Visitor)-[identified:IDENTIFIED_AS]->(identity)
    WHERE NOT identified.visible
  }
OPTIONAL CALL (tenure) {
  MATCH (goal:Event)
  USING INDEX goal:Event(tenant, tenure_id, at, event_id)
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
  toString(seconds / 86400) + 'd ' + toString(seconds % 86400 / 3600) + 'h ' + toString(seconds % 3600 / 60) + 'min' AS before,
  coalesce(session.browser + ' on ' + session.os + ', ' + session.device_class, visitor.kind) AS device,
  session.page_referrer AS referrer,
  session.page_url AS page,
  events,
  round(confidence, 2) AS confidence,
  visitor.visitor_id AS visitor_id,
  session.session_id AS session_id
ORDER BY at, session_id
