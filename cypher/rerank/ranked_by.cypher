// purpose: The half-life that a tenant's relationships are ranked by, null if it was always the same.
// access:  read
// params:  tenant STRING
// returns: half_life_days FLOAT NULL
// index:   Tenant(tenant)
MATCH (tenant:Tenant {tenant: $tenant})
RETURN tenant.ranked_by_half_life_days AS half_life_days
