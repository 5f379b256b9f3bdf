// purpose: The key with this hash, unless it is revoked, and its tenant; this look-up cannot name the tenant, since it finds the
//          tenant.
// access:  read
// params:  key_hash STRING
// returns: tenant STRING, key_id STRING, kind STRING, last_used_at ZONED DATETIME NULL, tenant_since ZONED DATETIME,
//          settings STRING, policy STRING, signing_keys STRING NULL
// index:   ApiKey(key_hash), Tenant(tenant)
MATCH (key:ApiKey {key_hash: $key_hash})
WHERE key.revoked_at IS NULL
MATCH (tenant:Tenant {tenant: key.tenant})
RETURN
  tenant.tenant AS tenant,
  key.key_id AS key_id,
  key.kind AS kind,
  key.last_used_at AS last_used_at,
  tenant.created_at AS tenant_since,
  tenant.settings AS settings,
  tenant.policy AS policy,
  tenant.signing_keys AS signing_keys
