// purpose: Replace the settings and the policy of a tenant.
// access:  write
// params:  tenant STRING, settings STRING, policy STRING
// returns: tenant STRING
// index:   Tenant(tenant)
MATCH (tenant:Tenant {tenant: $tenant})
SET tenant.settings = $settings, tenant.policy = $policy
RETURN tenant.tenant AS tenant
