// purpose: Keep a tenant's key by its hash; the key itself is kept nowhere.
// access:  write
// params:  tenant STRING, key_id STRING, key_hash STRING, kind STRING, created_at ZONED DATETIME
// returns: nothing
// index:   none
CREATE (:ApiKey {tenant: $tenant, key_id: $key_id, key_hash: $key_hash, kind: $kind, created_at: $created_at})
