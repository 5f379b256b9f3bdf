// purpose: The keys of a tenant by id, revoked keys included.
// access:  read
// params:  tenant STRING
// returns: key_id STRING, kind STRING, created_at ZONED DATETIME, revoked_at ZONED DATETIME NULL,
//          last_used_at ZONED DATETIME NULL
// index:   ApiKey(tenant, key_id)
MATCH (key:ApiKey)
WHERE key.tenant = $tenant AND key.key_id > ''
RETURN
  key.key_id AS key_id,
  key.kind AS kind,
  key.created_at AS created_at,
  key.revoked_at AS revoked_at,
  key.last_used_at AS last_used_at
ORDER BY key.tenant, key.key_id
