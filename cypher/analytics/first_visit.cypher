// purpose: When the first of a tenant's sessions since a time began; no row if there is none.
// access:  read
// params:  tenant STRING, since ZONED DATETIME
// returns: at ZONED DATETIME
// index:   Session(tenant, started_at, session_id)
MATCH (session:Session)
USING INDEX SEEK session:Session(tenant, started_at, session_id)
WHERE session.tenant = $tenant AND session.started_at >= $since AND session.session_id IS NOT NULL
RETURN session.started_at AS at
ORDER BY session.tenant, session.started_at, session.session_id
LIMIT 1
