// purpose: How many of a tenant's relationships had which confidence when last counted; no row if they never were counted.
// access:  read
// params:  tenant STRING
// returns: counts LIST<INTEGER>
// index:   Tenant(tenant)
MATCH (tenant:Tenant {tenant: $tenant})
WHERE tenant.confidence_counts IS NOT NULL
RETURN tenant.confidence_counts AS counts
