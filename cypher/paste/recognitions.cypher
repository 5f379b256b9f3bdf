// purpose: Count the sessions of returning browsers by the method that recognised each, with the confidence that was answered.
// access:  read
// params:  tenant STRING, since STRING, until STRING, confidence_min FLOAT, look_at INTEGER, limit INTEGER
// returns: method STRING, sessions INTEGER, share FLOAT, visitors INTEGER, lowest FLOAT, median FLOAT, highest FLOAT
// index:   Session(tenant, started_at, session_id), Visitor(tenant, visitor_id)
// given:   tenant = 'demo': The tenant to read.
//          since = '': The first time at which a session may begin, such as 2026-03-01 or 2026-03-01T12:00:00Z. Empty means no bound.
//          until = '': The time before which a session has to begin. Empty means no bound.
//          confidence_min = 0.5: The lowest confidence to include, 0–1.
//          look_at = 10000: The most sessions to examine, newest first. They come from an index, by time.
//          limit = 20: The most methods to return.
// paste:   :params {tenant: 'demo', since: '', until: '', confidence_min: 0.5, look_at: 10000, limit: 20}
// example: | method      | sessions | share | visitors | lowest | median | highest |
//          |-------------|----------|-------|----------|--------|--------|---------|
//          | fingerprint | 3        | 0.50  | 2        | 0.60   | 0.89   | 0.90    |
//          | token       | 2        | 0.33  | 2        | 1.00   | 1.00   | 1.00    |
//          | ip_browser  | 1        | 0.17  | 1        | 0.60   | 0.60   | 0.60    |
MATCH (session:Session)
USING INDEX SEEK session:Session(tenant, started_at, session_id)
WHERE
  session.tenant = $tenant AND
  session.started_at >= datetime(CASE $since WHEN '' THEN '1970-01-01' ELSE $since END) AND
  session.started_at < datetime(CASE $until WHEN '' THEN '9999-12-31' ELSE $until END) AND
  session.session_id IS NOT NULL
WITH session
ORDER BY session.tenant DESC, session.started_at DESC, session.session_id DESC
LIMIT toInteger($look_at)
MATCH (session)-[:DURING]->(tenure:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
WHERE session.is_bot IS NULL OR NOT session.is_bot
WITH session, tenure, visitor, coalesce(visitor.root_id, visitor.visitor_id) AS group_id
WITH *
WHERE
  visitor.kind = 'browser' AND
  session.method <> 'new' AND
  session.confidence >= $confidence_min AND
  // What goes on after a hand-over is no return.
  NOT EXISTS { (session)<-[:SUCCEEDED_BY]-() }
WITH tenure, group_id, collect(session) AS sessions
CALL (tenure) {
  MATCH
    (tenure)
    ((below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })-[ties:TIED_TO]->(above)){0,8}
    (nearest)
  WHERE
    EXISTS { (nearest)-[:RESOLVES_TO]->() } OR
    NOT EXISTS { (nearest)-[:TIED_TO]->() }
  OPTIONAL MATCH (nearest)-[resolves:RESOLVES_TO]->(user:User)
  WITH
    *,
    coalesce(user.identity_id, nearest.identity_id) AS certain_id,
    coalesce(user.linked_id, nearest.linked_id) AS linked_id,
    reduce(
      least = CASE WHEN resolves.method = 'adopted' THEN resolves.confidence ELSE 1.0 END,
      tie IN ties | CASE WHEN tie.confidence < least THEN tie.confidence ELSE least END
    ) AS certainty
  RETURN coalesce(user, nearest) AS certain, certainty
}
WITH *
WHERE
  certain.hidden IS NULL AND
  NOT EXISTS {
    MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
    // An older release creates visitors without root_id. What is hidden must stay hidden next to one.
    MATCH (root:Visitor {tenant: $tenant, visitor_id: coalesce(used.root_id, used.visitor_id)})
    USING INDEX SEEK root:Visitor(tenant, visitor_id)
    MATCH (root)-[identified:IDENTIFIED_AS]->(certain)
    WHERE NOT identified.visible
  }
UNWIND sessions AS session
WITH
  session.method AS method,
  count(*) AS sessions,
  count(DISTINCT group_id) AS visitors,
  min(session.confidence) AS lowest,
  percentileDisc(session.confidence, 0.5) AS median,
  max(session.confidence) AS highest
WITH collect([method, sessions, visitors, lowest, median, highest]) AS methods, sum(sessions) AS total
UNWIND methods AS found
RETURN
  found[0] AS method,
  found[1] AS sessions,
  round(toFloat(found[1]) / total, 2) AS share,
  found[2] AS visitors,
  round(found[3], 2) AS lowest,
  round(found[4], 2) AS median,
  round(found[5], 2) AS highest
ORDER BY sessions DESC, method
LIMIT toInteger($limit)
