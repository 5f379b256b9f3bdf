// A claim is verified if its login had a signature or came from a server. Only unverified claims are bounded.
MATCH (tenure:Tenure)-[claim:RESOLVES_TO {method: 'claim'}]->(user:User)
WHERE claim.verified IS NULL
CALL (tenure, claim, user) {
  MATCH (login:Event)
  USING INDEX login:Event(tenant, tenure_id, at, event_id)
  WHERE
    login.tenant = tenure.tenant AND
    login.tenure_id = tenure.identity_id AND
    login.at = claim.at AND
    login.event_id IS NOT NULL AND
    login.user_id = user.user_id AND
    login.source = 'verified'
  SET claim.verified = true
} IN TRANSACTIONS OF 1000 ROWS;
