// purpose: Note in which hour a key was last used; an hour that is noted already, or a later one, stays.
// access:  write
// params:  tenant STRING, key_id STRING, hour ZONED DATETIME
// returns: nothing
// index:   ApiKey(tenant, key_id)
MATCH (key:ApiKey {tenant: $tenant, key_id: $key_id})
WHERE coalesce(key.last_used_at < $hour, true)
SET key.last_used_at = $hour
