// purpose: Lock a tenant, so that nobody else changes its settings or keys between this read and the write that follows.
// access:  write
// params:  tenant STRING
// returns: tenant STRING, name STRING, created_at ZONED DATETIME, settings STRING, policy STRING, signing_keys STRING NULL
// index:   Tenant(tenant)
MATCH (tenant:Tenant {tenant: $tenant})
SET tenant._lock = true
WITH tenant
RETURN
  tenant.tenant AS tenant,
  tenant.name AS name,
  tenant.created_at AS created_at,
  tenant.settings AS settings,
  tenant.policy AS policy,
  tenant.signing_keys AS signing_keys
