// purpose: Keep on a tenant how many of its relationships have which confidence.
// access:  write
// params:  tenant STRING, counts LIST<INTEGER>
// returns: nothing
// index:   Tenant(tenant)
MATCH (tenant:Tenant {tenant: $tenant})
SET tenant.confidence_counts = $counts
