// purpose: All tenants of this database by id; no tenant limits the query, since it is for the operator.
// access:  read
// params:  none
// returns: tenant STRING, name STRING, created_at ZONED DATETIME, settings STRING, policy STRING, signing_keys STRING NULL
// index:   Tenant(tenant)
MATCH (tenant:Tenant)
WHERE tenant.tenant > ''
RETURN
  tenant.tenant AS tenant,
  tenant.name AS name,
  tenant.created_at AS created_at,
  tenant.settings AS settings,
  tenant.policy AS policy,
  tenant.signing_keys AS signing_keys
ORDER BY tenant.tenant
