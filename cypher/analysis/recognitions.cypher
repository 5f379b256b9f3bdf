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
// part: sessions_in_time
WITH *
WHERE
  visitor.kind = 'browser' AND
  session.method <> 'new' AND
  session.confidence >= $confidence_min AND
  // What goes on after a hand-over is no return.
  NOT EXISTS { (session)<-[:SUCCEEDED_BY]-() }
WITH tenure, group_id, collect(session) AS sessions
// part: visible_owner
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
