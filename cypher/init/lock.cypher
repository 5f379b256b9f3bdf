// purpose: Lock the jar of each visit, or its spare jar if that is contradicted, each fingerprint that could own it, and the
//          visitors that these lead to, with their survivors; create the jars and fingerprints that do not exist.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING, jar_kind STRING, spare_jar_id STRING, fingerprint STRING NULL, fingerprint_crowd INTEGER, components STRING NULL, at INTEGER}
// returns: visitor_ids LIST<STRING>, spare_ids LIST<STRING>
// index:   Jar(tenant, jar_id), Fingerprint(tenant, hash), Visitor(tenant, visitor_id)
UNWIND $rows AS row
// Nobody waits for a contradicted jar, which recognises nobody: the visit begins on a jar of its own.
OPTIONAL MATCH (named:Jar {tenant: $tenant, jar_id: row.jar_id})
WITH
  CASE
    WHEN named.contradicted_at IS NULL THEN row
    ELSE row {.*, jar_id: row.spare_jar_id, jar_kind: 'issued'}
  END AS row
ORDER BY row.jar_id
MERGE (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
ON CREATE SET jar.kind = row.jar_kind, jar.created_at = datetime({epochMillis: row.at})
SET jar._lock = true
WITH collect(row) AS visits, collect(jar) AS jars
CALL (visits) {
  UNWIND visits AS row
  WITH row
  WHERE row.fingerprint IS NOT NULL
  ORDER BY row.fingerprint
  MERGE (fingerprint:Fingerprint {tenant: $tenant, hash: row.fingerprint})
  ON CREATE SET fingerprint.first_seen = datetime({epochMillis: row.at})
  // A fingerprint that several merge groups share owns nobody. No decision depends on which visit reads it first, and a
  // lock would queue them all.
  WITH row, fingerprint, COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } AS visitors
  CALL (row, fingerprint, visitors) {
    WITH row, fingerprint, visitors
    WHERE
      visitors = 0 OR
      // part: has_one_merge_group(crowd: row.fingerprint_crowd)
    SET fingerprint._lock = true
    // `SET f.components = coalesce(f.components, …)` would lock the fingerprint against new edges first and then as a node,
    // and so deadlock with a visit that locked the node and then adds an edge.
    WITH fingerprint, coalesce(fingerprint.components, row.components) AS components
    SET fingerprint.components = components
  }
  RETURN collect(fingerprint) AS fingerprints
}
CALL (visits, jars, fingerprints) {
  // The edges are read now that the jars and fingerprints are locked. The nodes are not looked up again (locked_visitors).
  CALL (jars) {
    UNWIND jars AS jar
    MATCH (jar)-[:IN]->(own:Visitor)
    RETURN collect(own) AS own
  }
  // Both: a visit that shows another visitor's fingerprint may loosen what that visitor owns by it.
  CALL (visits, fingerprints) {
    UNWIND fingerprints AS fingerprint
    WITH visits[0].fingerprint_crowd AS crowd, fingerprint, COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } AS visitors
    MATCH (fingerprint)<-[:HAS_FINGERPRINT]-(owner:Visitor)
    WHERE
      // part: has_one_merge_group
    RETURN collect(owner) AS owners
  }
  WITH own + owners AS found
  // part: locked_visitors
  RETURN locked_ids AS visitor_ids
}
RETURN visitor_ids, [row IN visits WHERE row.jar_id = row.spare_jar_id | row.jar_id] AS spare_ids
