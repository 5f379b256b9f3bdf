// purpose: Let the oldest jar of each of these visitors stand for its first one, where that is erased: a visitor has a jar that is surely its own.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {visitor_id STRING}
// returns: nothing
// index:   Visitor(tenant, visitor_id)
UNWIND $rows AS row
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: row.visitor_id})
WHERE NOT EXISTS { (visitor)<-[own:IN|WAS_IN]-(:Jar) WHERE own.method IN ['new', 'split'] }
CALL (visitor) {
  MATCH (visitor)<-[current:IN]-(jar:Jar)
  RETURN current
  ORDER BY current.since, jar.jar_id
  LIMIT 1
}
SET current.method = 'new', current.confidence = 1.0, current.evidence = '[]'
REMOVE current.fingerprint
