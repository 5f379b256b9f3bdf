// purpose: Remove the warnings about a subject.
// access:  write
// params:  tenant STRING, subjects LIST<STRING>
// returns: count INTEGER
// index:   Warning(tenant, subject)
UNWIND $subjects AS subject
MATCH (warning:Warning {tenant: $tenant, subject: subject})
DELETE warning
RETURN count(*) AS count
