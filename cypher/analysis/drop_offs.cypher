// purpose: Count the sessions that ended without an event, by what the visitor did last.
// access:  read
// params:  tenant STRING, event STRING, since STRING, until STRING, idle_minutes INTEGER, look_at INTEGER, limit INTEGER
// returns: last_event STRING NULL, sessions INTEGER, share FLOAT, visitors INTEGER
// index:   Session(tenant, started_at, session_id), Visitor(tenant, visitor_id)
// given:   tenant = 'demo': The tenant to read.
//          event: The name of the event that the sessions do not have, such as buy.
//          since = '': The first time at which a session may begin, such as 2026-03-01 or 2026-03-01T12:00:00Z. Empty means no bound.
//          until = '': The time before which a session has to begin. Empty means no bound.
//          idle_minutes = 30: The time without an event after which a session has ended: `session_idle_minutes` in the tenant's policy.
//          look_at = 10000: The most sessions to examine, newest first. They come from an index, by time.
//          limit = 20: The most rows to return.
// paste:   :params {tenant: 'demo', event: 'buy', since: '', until: '', idle_minutes: 30, look_at: 10000, limit: 20}
// example: | last_event | sessions | share | visitors |
//          |------------|----------|-------|----------|
//          | identify   | 34       | 0.87  | 34       |
//          | view       | 2        | 0.05  | 2        |
//          |            | 2        | 0.05  | 2        |
//          | search     | 1        | 0.03  | 1        |
// part: sessions_in_time
WITH *
WHERE
  visitor.kind = 'browser' AND
  session.last_seen < datetime() - duration({minutes: toInteger($idle_minutes)}) AND
  // Somebody else went on in a session that was handed over, so it did not end.
  NOT EXISTS { (session)-[:SUCCEEDED_BY]->() } AND
  NOT EXISTS { (session)-[:RECORDED]->(goal:Event) WHERE goal.name = $event }
WITH tenure, group_id, collect(session) AS sessions
// part: visible_owner
UNWIND sessions AS session
CALL (session) {
  OPTIONAL MATCH (session)-[:RECORDED]->(event:Event)
  RETURN event
  ORDER BY event.at DESC, event.event_id DESC
  LIMIT 1
}
WITH event.name AS last_event, count(*) AS sessions, count(DISTINCT group_id) AS visitors
WITH collect([last_event, sessions, visitors]) AS counts, sum(sessions) AS total
UNWIND counts AS found
RETURN
  found[0] AS last_event,
  found[1] AS sessions,
  round(toFloat(found[1]) / total, 2) AS share,
  found[2] AS visitors
ORDER BY sessions DESC, last_event
LIMIT toInteger($limit)
