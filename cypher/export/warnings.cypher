// purpose: The warnings about a subject.
// access:  read
// params:  tenant STRING, subject STRING
// returns: said MAP
// index:   Warning(tenant, subject)
MATCH (warning:Warning {tenant: $tenant, subject: $subject})
RETURN properties(warning) AS said
