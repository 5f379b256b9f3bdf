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
// part: identity_of
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
  // part: downwards
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
    // part: downwards
    (tenure:Tenure)
  // part: strongest_inference
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
  // part: is_visible_there
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
