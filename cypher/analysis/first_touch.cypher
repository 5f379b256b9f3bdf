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
// part: tenures_of_identity
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
  // part: in_days
  AS before,
  coalesce(session.browser + ' on ' + session.os + ', ' + session.device_class, visitor.kind) AS device,
  session.page_referrer AS referrer,
  session.page_url AS page,
  events,
  round(confidence, 2) AS confidence,
  visitor.visitor_id AS visitor_id,
  session.session_id AS session_id
ORDER BY at, session_id
