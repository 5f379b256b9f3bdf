// purpose: How many relationships of a tenant were of which confidence when they were last counted; nothing where they never were.
// access:  read
// params:  tenant STRING
// returns: counts LIST<INTEGER>
// index:   Tenant(tenant)
MATCH (tenant:Tenant {tenant: $tenant})
WHERE tenant.confidence_counts IS NOT NULL
RETURN tenant.confidence_counts AS counts
