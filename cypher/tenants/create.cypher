// purpose: Create a tenant; the constraint refuses a second tenant with the same id.
// access:  write
// params:  tenant STRING, name STRING, created_at ZONED DATETIME, settings STRING, policy STRING
// returns: nothing
// index:   none
CREATE (:Tenant {tenant: $tenant, name: $name, created_at: $created_at, settings: $settings, policy: $policy})
