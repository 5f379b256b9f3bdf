// purpose: The newest sessions (session) that began from $since on and before $until, each with its tenure and visitor; crawlers
//          are left out.
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
