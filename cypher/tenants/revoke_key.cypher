// purpose: Revoke a key, which then opens nothing; its node stays, so that it is known who held a key when.
// access:  write
// params:  tenant STRING, key_id STRING, revoked_at ZONED DATETIME
// returns: key_id STRING
// index:   ApiKey(tenant, key_id)
MATCH (key:ApiKey {tenant: $tenant, key_id: $key_id})
SET key.revoked_at = coalesce(key.revoked_at, $revoked_at)
RETURN key.key_id AS key_id
