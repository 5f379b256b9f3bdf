// purpose: Lock a jar, creating it if it does not exist; a contradicted jar, which recognises nobody, is not locked.
// access:  write
// params:  tenant STRING, jar_id STRING, jar_kind STRING, at INTEGER
// returns: is_contradicted BOOLEAN
// index:   Jar(tenant, jar_id)
MERGE (jar:Jar {tenant: $tenant, jar_id: $jar_id})
ON CREATE SET jar.kind = $jar_kind, jar.created_at = datetime({epochMillis: $at})
FOREACH (_ IN CASE WHEN jar.contradicted_at IS NULL THEN [1] ELSE [] END |
  SET jar._lock = true
)
RETURN jar.contradicted_at IS NOT NULL AS is_contradicted
