// purpose: Which events come with a user id that nothing in their session came with before; only where the session has consent.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, session_id STRING, user_id STRING}
// returns: i INTEGER
// index:   Session(tenant, session_id)
UNWIND $rows AS row
MATCH (session:Session {tenant: $tenant, session_id: row.session_id})
WHERE
  session.consent AND
  coalesce(session.collected_user_id, session.refused_user_id, '') <> row.user_id AND
  NOT EXISTS {
    (session)-[:RECORDED]->(event:Event)
    WHERE row.user_id IN [event.user_id, event.collected_user_id, event.refused_user_id]
  }
RETURN row.i AS i
