// purpose: The users whose erasure is not finished.
// access:  read
// params:  tenant STRING
// returns: user_id STRING
// index:   Erasure(tenant, pending_since)
MATCH (erasure:Erasure)
WHERE erasure.tenant = $tenant AND erasure.pending_since IS NOT NULL
UNWIND erasure.names AS name
WITH DISTINCT name
WHERE name STARTS WITH 'user:'
RETURN substring(name, size('user:')) AS user_id
