// purpose: Read users, and the links of each that were open at a time, with who is at the other end.
// access:  read
// params:  tenant STRING, user_ids LIST<STRING>, at ZONED DATETIME
// returns: user_id STRING, identity_id STRING, created_at ZONED DATETIME, is_hidden BOOLEAN, links LIST<MAP>
// index:   User(tenant, user_id)
UNWIND $user_ids AS user_id
MATCH (user:User {tenant: $tenant, user_id: user_id})
RETURN
  user.user_id AS user_id,
  user.identity_id AS identity_id,
  user.created_at AS created_at,
  coalesce(user.hidden, false) AS is_hidden,
  [
    (user)-[edge:LINKED_TO|WAS_LINKED_TO]-(other:User)
    WHERE
      // part: open_at
    | {other_id: other.user_id, since: edge.since.epochMillis, change_id: edge.change_id}
  ] AS links
