// purpose: Mark the `userId` that came with visits as refused, since a cannot-link separates the user from the visitor.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {session_id STRING NULL, message_id STRING NULL}
// returns: nothing
// index:   Session(tenant, session_id), Message(tenant, message_id)
UNWIND $rows AS row
CALL (row) {
  MATCH (visit:Session {tenant: $tenant, session_id: row.session_id})
  RETURN visit
  UNION
  // A collection without a session has no other key that finds it.
  MATCH (visit:Message {tenant: $tenant, message_id: row.message_id})
  RETURN visit
}
SET visit.refused_user_id = visit.collected_user_id
REMOVE visit.collected_user_id
