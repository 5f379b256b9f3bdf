// purpose: Which events come with a user id that nothing in their session came with before; only where the session has consent.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, session_id STRING, user_id STRING}
// returns: i INTEGER
// index:   Session(tenant, session_id), Event(tenant, tenure_id, user_id), Event(tenant, tenure_id, collected_user_id), Event(tenant, tenure_id, refused_user_id)
UNWIND $rows AS row
MATCH (session:Session {tenant: $tenant, session_id: row.session_id})-[:DURING]->(tenure:Tenure)
WHERE
  session.consent AND
  coalesce(session.collected_user_id, session.refused_user_id, '') <> row.user_id AND
  NOT EXISTS {
    MATCH (login:Event)
    USING INDEX login:Event(tenant, tenure_id, user_id)
    WHERE login.tenant = $tenant AND login.tenure_id = tenure.identity_id AND login.user_id = row.user_id
    MATCH (login)<-[:RECORDED]-(session)
    RETURN login
  } AND
  NOT EXISTS {
    MATCH (named:Event)
    USING INDEX SEEK named:Event(tenant, tenure_id, collected_user_id)
    WHERE named.tenant = $tenant AND named.tenure_id = tenure.identity_id AND named.collected_user_id = row.user_id
    MATCH (named)<-[:RECORDED]-(session)
    RETURN named
  } AND
  NOT EXISTS {
    MATCH (refused:Event)
    USING INDEX SEEK refused:Event(tenant, tenure_id, refused_user_id)
    WHERE refused.tenant = $tenant AND refused.tenure_id = tenure.identity_id AND refused.refused_user_id = row.user_id
    MATCH (refused)<-[:RECORDED]-(session)
    RETURN refused
  }
RETURN row.i AS i
