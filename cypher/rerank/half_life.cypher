// purpose: Keep on a tenant the half-life that its relationships are ranked by.
// access:  write
// params:  tenant STRING, half_life_days FLOAT
// returns: nothing
// index:   Tenant(tenant)
MATCH (tenant:Tenant {tenant: $tenant})
SET tenant.ranked_by_half_life_days = $half_life_days
