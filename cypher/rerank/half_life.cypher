// purpose: Remember by which half-life a tenant's relationships are ranked.
// access:  write
// params:  tenant STRING, half_life_days FLOAT
// returns: nothing
// index:   Tenant(tenant)
MATCH (tenant:Tenant {tenant: $tenant})
SET tenant.ranked_by_half_life_days = $half_life_days
