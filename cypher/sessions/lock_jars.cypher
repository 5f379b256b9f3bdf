// purpose: Lock jars, creating those that do not exist; a contradicted jar, which recognises nobody, is not locked.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING, jar_kind STRING, at INTEGER}
// returns: jar_id STRING, is_contradicted BOOLEAN
// index:   Jar(tenant, jar_id)
UNWIND $rows AS row
MERGE (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
ON CREATE SET
  jar.kind = row.jar_kind,
  jar.created_at = datetime({epochMillis: row.at})
FOREACH (_ IN CASE WHEN jar.contradicted_at IS NULL THEN [1] ELSE [] END |
  SET jar._lock = true
)
RETURN row.jar_id AS jar_id, jar.contradicted_at IS NOT NULL AS is_contradicted
