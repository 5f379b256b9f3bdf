// purpose: Count the browsers by how many sessions they had before their first login, and say how long they took to it.
// access:  read
// params:  tenant STRING, since STRING, until STRING, confidence_min FLOAT, look_at INTEGER, limit INTEGER
// returns: sessions_before INTEGER, visitors INTEGER, share FLOAT, shortest STRING, median STRING, longest STRING
// index:   Session(tenant, started_at, session_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id)
// given:   tenant = 'demo': The tenant to read.
//          since = '': The first time at which the session of the login may begin, such as 2026-03-01 or 2026-03-01T12:00:00Z. Empty means no bound.
//          until = '': The time before which the session of the login has to begin. Empty means no bound.
//          confidence_min = 0.5: The lowest confidence at which a session counts as the browser's, 0–1.
//          look_at = 10000: The most sessions to examine, newest first. They come from an index, by time.
//          limit = 50: The most rows to return, those with the fewest sessions first.
// paste:   :params {tenant: 'demo', since: '', until: '', confidence_min: 0.5, look_at: 10000, limit: 50}
// example: | sessions_before | visitors | share | shortest    | median      | longest     |
//          |-----------------|----------|-------|-------------|-------------|-------------|
//          | 0               | 34       | 0.97  | 0d 0h 0min  | 0d 0h 0min  | 0d 0h 3min  |
//          | 1               | 1        | 0.03  | 10d 0h 3min | 10d 0h 3min | 10d 0h 3min |
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
MATCH (tenure)-[claim:RESOLVES_TO]->(user:User)
WHERE
  claim.method = 'claim' AND
  claim.session_id = session.session_id AND
  visitor.kind = 'browser' AND
  user.hidden IS NULL
WITH group_id, collect(session.session_id) AS session_ids
MATCH (member:Visitor {tenant: $tenant, root_id: group_id})<-[placed:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
USING INDEX SEEK member:Visitor(tenant, root_id)
WHERE placed.confidence >= $confidence_min
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
MATCH (tenure)<-[:DURING]-(session:Session)
WHERE NOT coalesce(session.is_bot, false)
OPTIONAL MATCH (tenure)-[claim:RESOLVES_TO]->(:User)
WHERE claim.method = 'claim' AND claim.session_id = session.session_id
WITH group_id, session_ids, session, claim.at AS login
ORDER BY login, session.session_id
WITH
  group_id,
  session_ids,
  collect(session) AS sessions,
  min(session.started_at) AS began,
  head(collect(CASE WHEN login IS NOT NULL THEN session END)) AS login_session,
  min(login) AS login
WHERE login_session.session_id IN session_ids
WITH
  size([session IN sessions WHERE session.started_at < login_session.started_at]) AS sessions_before,
  duration.inSeconds(began, login).seconds AS seconds
WITH
  sessions_before,
  count(*) AS visitors,
  min(seconds) AS shortest,
  percentileDisc(seconds, 0.5) AS median,
  max(seconds) AS longest
WITH collect([sessions_before, visitors, shortest, median, longest]) AS counts, sum(visitors) AS total
UNWIND counts AS found
WITH
  found[0] AS sessions_before,
  found[1] AS visitors,
  round(toFloat(found[1]) / total, 2) AS share,
  found[2] AS shortest,
  found[3] AS median,
  found[4] AS longest
RETURN
  sessions_before,
  visitors,
  share,
  toString(shortest / 86400) + 'd ' + toString(shortest % 86400 / 3600) + 'h ' + toString(shortest % 3600 / 60) + 'min'
  AS shortest,
  toString(median / 86400) + 'd ' + toString(median % 86400 / 3600) + 'h ' + toString(median % 3600 / 60) + 'min'
  AS median,
  toString(longest / 86400) + 'd ' + toString(longest % 86400 / 3600) + 'h ' + toString(longest % 3600 / 60) + 'min'
  AS longest
ORDER BY sessions_before
LIMIT toInteger($limit)
