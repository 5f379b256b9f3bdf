// purpose: What makes up one identity: each tenure, how it is known to be theirs, and the evidence on the way.
// access:  read
// params:  tenant STRING, who STRING, confidence_min FLOAT, limit INTEGER
// returns: how STRING, confidence FLOAT, device STRING, evidence LIST<STRING>, login ZONED DATETIME NULL, events INTEGER, first_seen ZONED DATETIME, last_seen ZONED DATETIME, visitor_id STRING, tenure_id STRING
// index:   User(tenant, user_id), Identity(tenant, identity_id), Visitor(tenant, visitor_id)
// given:   tenant = 'demo': Whose graph.
//          who: A user id, an identity id or a visitor id; whoever it belongs to now is meant.
//          confidence_min = 0.5: Leave out what is less surely theirs, 0–1.
//          limit = 100: At most so many tenures, the surest.
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
  OPTIONAL MATCH (holder) (()<-[tie:TIED_TO]-()){1,8} (claimed:Tenure)
  WHERE resolves.method = 'adopted' AND claimed.identity_id = resolves.claim
  RETURN holder, resolves, [one IN tie | one.evidence] AS adopted_by
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
  coalesce(adopted_by, []) + [one IN tie | one.evidence] AS reasons,
  reduce(
    least = CASE WHEN resolves.method = 'adopted' THEN resolves.confidence ELSE 1.0 END,
    one IN tie | CASE WHEN one.confidence < least THEN one.confidence ELSE least END
  ) AS sure
CALL (certain, method, login, reasons, sure) {
  MATCH (certain)
  WHERE certain:Tenure
  RETURN certain AS tenure, method AS how, login AS logged_in, reasons AS evidence, sure AS confidence
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
  WITH tenure, probably, tie, reasons, sure, strongest
  WHERE probably = strongest
  RETURN
    tenure,
    'probably, by ' + probably.method AS how,
    null AS logged_in,
    reasons + probably.evidence + [one IN tie | one.evidence] AS evidence,
    reduce(
      least = CASE WHEN probably.confidence < sure THEN probably.confidence ELSE sure END,
      one IN tie | CASE WHEN one.confidence < least THEN one.confidence ELSE least END
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
    (tenure)-[:ON]->(:Jar)-[:IN]->(:Visitor)-[:MERGED_INTO*0..8]->(:Visitor)-[identified:IDENTIFIED_AS]->(identity)
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
