// purpose: Replace the list of a tenant's signing keys.
// access:  write
// params:  tenant STRING, signing_keys STRING
// returns: nothing
// index:   Tenant(tenant)
MATCH (tenant:Tenant {tenant: $tenant})
SET tenant.signing_keys = $signing_keys
