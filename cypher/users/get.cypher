// purpose: One user that has any edge and is not hidden; a user node without any edge is nobody yet.
// access:  read
// params:  tenant STRING, user_id STRING
// returns: user_id STRING, identity_id STRING, created_at ZONED DATETIME, visitors INTEGER, first_seen ZONED DATETIME NULL, last_seen ZONED DATETIME NULL, linked_user_ids LIST<STRING>
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})
WHERE
  // part: is_somebody
CALL (user) {
  OPTIONAL MATCH (user)-[:LINKED_TO]-(other:User)
  WHERE other.hidden IS NULL
  WITH other
  ORDER BY other.user_id
  RETURN collect(other.user_id) AS linked_user_ids
}
OPTIONAL MATCH (user)<-[identified:IDENTIFIED_AS]-(:Visitor)
// A merged visitor's relationship has no rank: it counts in the survivor's.
WHERE identified.rank IS NOT NULL AND identified.visible
RETURN
  user.user_id AS user_id,
  coalesce(user.linked_id, user.identity_id) AS identity_id,
  user.created_at AS created_at,
  count(identified) AS visitors,
  min(identified.first_seen) AS first_seen,
  max(identified.last_seen) AS last_seen,
  linked_user_ids
