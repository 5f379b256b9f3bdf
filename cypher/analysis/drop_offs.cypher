// purpose: Count the visits that ended without an event, by what was done last; a session and its successors are one visit.
// access:  read
// params:  tenant STRING, event STRING, since STRING, until STRING, idle_minutes INTEGER, look_at INTEGER, limit INTEGER
// returns: last_event STRING NULL, visits INTEGER, share FLOAT, visitors INTEGER
// index:   Session(tenant, started_at, session_id), Visitor(tenant, visitor_id)
// given:   tenant = 'demo': The tenant to read.
//          event: The name of the event that the visits do not have, such as buy.
//          since = '': The first time at which the last session of a visit may begin, such as 2026-03-01 or 2026-03-01T12:00:00Z. Empty means no bound.
//          until = '': The time before which it has to begin. Empty means no bound.
//          idle_minutes = 30: The time without an event after which a visit has ended: `session_idle_minutes` in the tenant's policy.
//          look_at = 10000: The most sessions to examine, newest first. They come from an index, by time.
//          limit = 20: The most rows to return.
// paste:   :params {tenant: 'demo', event: 'buy', since: '', until: '', idle_minutes: 30, look_at: 10000, limit: 20}
// example: | last_event | visits | share | visitors |
//          |------------|--------|-------|----------|
//          | identify   | 34     | 0.87  | 34       |
//          | view       | 2      | 0.05  | 2        |
//          |            | 2      | 0.05  | 2        |
//          | search     | 1      | 0.03  | 1        |
// part: sessions_in_time
WITH *
WHERE
  visitor.kind = 'browser' AND
  session.last_seen < datetime() - duration({minutes: toInteger($idle_minutes)}) AND
  // The last session of a visit stands for it: somebody else went on in one that was handed over.
  NOT EXISTS { (session)-[:SUCCEEDED_BY]->() }
WITH session AS visit, group_id
MATCH (visit)<-[:SUCCEEDED_BY*0..]-(session:Session)-[:DURING]->(tenure:Tenure)
WITH tenure, collect([visit, group_id, session]) AS parts
// part: visible_owner
UNWIND parts AS part
WITH part[0] AS visit, part[1] AS group_id, collect(part[2]) AS sessions
CALL (sessions) {
  UNWIND sessions AS session
  MATCH (session)-[:RECORDED]->(event:Event)
  WITH event
  ORDER BY event.at DESC, event.event_id DESC
  RETURN head(collect(event.name)) AS last_event, count(CASE WHEN event.name = $event THEN 1 END) AS reached
}
WITH last_event, group_id, reached
WHERE reached = 0
WITH last_event, count(*) AS visits, count(DISTINCT group_id) AS visitors
WITH collect([last_event, visits, visitors]) AS counts, sum(visits) AS total
UNWIND counts AS found
RETURN
  found[0] AS last_event,
  found[1] AS visits,
  round(toFloat(found[1]) / total, 2) AS share,
  found[2] AS visitors
ORDER BY visits DESC, last_event
LIMIT toInteger($limit)
