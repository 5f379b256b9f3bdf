// purpose: List the events of one identity on all its devices, in time order.
// access:  read
// params:  tenant STRING, who STRING, confidence_min FLOAT, limit INTEGER
// returns: at ZONED DATETIME, event STRING, device STRING, page STRING NULL, how STRING, confidence FLOAT, visitor_id STRING, session_id STRING, event_id STRING
// index:   User(tenant, user_id), User(tenant, linked_id), Identity(tenant, identity_id), Visitor(tenant, visitor_id), Event(tenant, tenure_id, at, event_id), Visitor(tenant, root_id)
// given:   tenant = 'demo': The tenant to read.
//          who: A user id, an identity id or a visitor id. The query takes the identity that the id belongs to now.
//          confidence_min = 0.5: The lowest confidence to include, 0–1.
//          limit = 200: The most events to return, earliest first.
// paste:   :params {tenant: 'demo', who: 'anna', confidence_min: 0.5, limit: 200}
// example: | at                  | event    | device                       | page                        | how     | confidence | visitor_id  | session_id  | event_id    |
//          |---------------------|----------|------------------------------|-----------------------------|---------|------------|-------------|-------------|-------------|
//          | 2026-03-04 12:02:00 | search   | Chrome on Linux, desktop     | https://shop.example/search | adopted | 0.89       | vis_…df8377 | ses_…eb99cc | evt_…8bab67 |
//          | 2026-03-14 12:02:00 | view     | Chrome on Linux, desktop     |                             | claim   | 1.00       | vis_…df8377 | ses_…be5d79 | evt_…b6ba6d |
//          | 2026-03-14 12:03:00 | identify | Chrome on Linux, desktop     |                             | claim   | 1.00       | vis_…df8377 | ses_…be5d79 | evt_…0381e2 |
//          | 2026-03-14 17:06:00 | identify | Mobile Safari on iOS, mobile |                             | claim   | 1.00       | vis_…960f75 | ses_…0b7481 | evt_…856959 |
//          | 2026-03-14 17:07:00 | buy      | Mobile Safari on iOS, mobile |                             | claim   | 1.00       | vis_…960f75 | ses_…0b7481 | evt_…75a807 |
//          | 2026-03-14 17:08:00 | thanks   | Mobile Safari on iOS, mobile |                             | claim   | 1.00       | vis_…960f75 | ses_…0b7481 | evt_…832575 |
//          | 2026-03-17 17:08:00 | view     | Chrome on Linux, desktop     |                             | tied    | 0.90       | vis_…df8377 | ses_…4890b5 | evt_…3742f1 |
// part: tenures_of_identity
CALL (tenure) {
  MATCH (event:Event)
  USING INDEX SEEK event:Event(tenant, tenure_id, at, event_id)
  WHERE
    event.tenant = $tenant AND
    event.tenure_id = tenure.identity_id AND
    event.at IS NOT NULL AND
    event.event_id IS NOT NULL
  RETURN event
  ORDER BY event.tenant, event.tenure_id, event.at, event.event_id
  LIMIT toInteger($limit)
}
MATCH (event)<-[:RECORDED]-(session:Session)
MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
RETURN
  event.at AS at,
  event.name AS event,
  coalesce(session.browser + ' on ' + session.os + ', ' + session.device_class, visitor.kind) AS device,
  event.page_url AS page,
  how,
  round(confidence, 2) AS confidence,
  visitor.visitor_id AS visitor_id,
  session.session_id AS session_id,
  event.event_id AS event_id
ORDER BY at, event_id
LIMIT toInteger($limit)
