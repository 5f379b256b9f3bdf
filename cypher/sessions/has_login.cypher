// purpose: Whether a session has a verified login of a user.
// access:  read
// params:  tenant STRING, session_id STRING, user_id STRING
// returns: has_login BOOLEAN
// index:   Session(tenant, session_id), Event(tenant, tenure_id, user_id)
MATCH (session:Session {tenant: $tenant, session_id: $session_id})-[:DURING]->(tenure:Tenure)
RETURN
  EXISTS {
    MATCH (login:Event)
    USING INDEX SEEK login:Event(tenant, tenure_id, user_id)
    WHERE
      login.tenant = $tenant AND
      login.tenure_id = tenure.identity_id AND
      login.user_id = $user_id AND
      login.source = 'verified'
    MATCH (login)<-[:RECORDED]-(session)
    RETURN login
  } AS has_login
