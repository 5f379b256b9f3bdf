// purpose: One page of the warnings of one code before a point in time, newest first, in index order so that Neo4j sorts nothing.
// access:  read
// params:  tenant STRING, code STRING, since ZONED DATETIME, before_at ZONED DATETIME, before_id STRING, limit INTEGER
// returns: warning_id STRING, code STRING, subject STRING, detail STRING, at ZONED DATETIME, last_seen ZONED DATETIME, count INTEGER
// index:   Warning(tenant, code, at, warning_id), User(tenant, user_id)
MATCH (warning:Warning)
USING INDEX SEEK warning:Warning(tenant, code, at, warning_id)
WHERE
  warning.tenant = $tenant AND
  warning.code = $code AND
  warning.at >= $since AND
  warning.at <= $before_at AND
  warning.warning_id IS NOT NULL AND
  // The node of an hour is listed once a warning has no node of its own.
  warning.count > 0 AND
  // A CASE instead of an OR: Neo4j would seek each side of the OR, and sort what both find.
  CASE WHEN warning.at = $before_at THEN warning.warning_id < $before_id ELSE true END AND
  NOT EXISTS { (:User {tenant: $tenant, user_id: warning.subject, hidden: true}) }
RETURN
  warning.warning_id AS warning_id,
  warning.code AS code,
  warning.subject AS subject,
  warning.detail AS detail,
  warning.at AS at,
  warning.last_seen AS last_seen,
  warning.count AS count
ORDER BY warning.tenant DESC, warning.code DESC, warning.at DESC, warning.warning_id DESC
LIMIT $limit
