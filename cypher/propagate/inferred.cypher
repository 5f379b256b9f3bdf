// purpose: The inferences that point to a user, with the confidence and time of their observation.
// access:  read
// params:  tenant STRING, user_id STRING
// returns: identity_id STRING, confidence FLOAT, since ZONED DATETIME, last_seen ZONED DATETIME
// index:   User(tenant, user_id)
MATCH (user:User {tenant: $tenant, user_id: $user_id})<-[inference:PROBABLY]-(holder:Tenure)
RETURN
  holder.identity_id AS identity_id,
  inference.confidence AS confidence,
  inference.since AS since,
  inference.last_seen AS last_seen
