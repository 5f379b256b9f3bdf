// purpose: The next users by id with the time since when each is known, or the next visitors.
// access:  read
// params:  tenant STRING, kind STRING, after STRING, limit INTEGER
// returns: id STRING, since ZONED DATETIME NULL
// index:   User(tenant, user_id), Visitor(tenant, visitor_id)
CALL () {
  MATCH (user:User)
  WHERE $kind = 'user' AND user.tenant = $tenant AND user.user_id > $after
  RETURN user.user_id AS id, user.created_at AS since
  ORDER BY user.tenant, user.user_id
  LIMIT $limit
  UNION ALL
  MATCH (visitor:Visitor)
  WHERE $kind = 'visitor' AND visitor.tenant = $tenant AND visitor.visitor_id > $after
  RETURN visitor.visitor_id AS id, visitor.first_seen AS since
  ORDER BY visitor.tenant, visitor.visitor_id
  LIMIT $limit
}
RETURN id, since
ORDER BY id
