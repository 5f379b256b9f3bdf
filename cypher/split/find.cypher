// purpose: Find a part in a visitor's merge group: the visitor that has the jar or the tenure, or each visitor that has the
//          fingerprint.
// access:  read
// params:  tenant STRING, visitor_id STRING, jar_id STRING NULL, tenure_id STRING NULL, fingerprint STRING NULL
// returns: visitor_id STRING, jar_ids LIST<STRING>, jars INTEGER, tied_to STRING NULL, cannot_linked_ids LIST<STRING>, user_ids LIST<STRING>
// index:   Visitor(tenant, visitor_id), Jar(tenant, jar_id), Identity(tenant, identity_id), Fingerprint(tenant, hash)
MATCH (named:Visitor {tenant: $tenant, visitor_id: $visitor_id})
CALL (named) {
  MATCH (jar:Jar {tenant: $tenant, jar_id: $jar_id})-[:IN]->(visitor:Visitor)
  RETURN visitor, [jar.jar_id] AS jar_ids, null AS tied_to
  UNION
  MATCH (tenure:Identity {tenant: $tenant, identity_id: $tenure_id})-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
  OPTIONAL MATCH (tenure)-[:TIED_TO]->(above:Tenure)
  RETURN visitor, [] AS jar_ids, above.identity_id AS tied_to
  UNION
  MATCH (:Fingerprint {tenant: $tenant, hash: $fingerprint})<-[:HAS_FINGERPRINT]-(visitor:Visitor)
  RETURN
    visitor,
    COLLECT {
      MATCH (visitor)<-[:IN {fingerprint: $fingerprint}]-(jar:Jar)
      RETURN jar.jar_id
      ORDER BY jar.jar_id
    } AS jar_ids,
    null AS tied_to
}
WITH named, visitor, jar_ids, tied_to
WHERE visitor.root_id = named.root_id
CALL (visitor) {
  OPTIONAL MATCH (visitor)-[:CANNOT_LINK]-(cannot_linked:Visitor)
  WITH DISTINCT cannot_linked.visitor_id AS cannot_linked_id
  ORDER BY cannot_linked_id
  RETURN collect(cannot_linked_id) AS cannot_linked_ids
}
CALL (visitor) {
  OPTIONAL MATCH (visitor)-[:CANNOT_LINK|COULD_NOT_LINK|WAS_IDENTIFIED_AS]->(user:User)
  WITH DISTINCT user.user_id AS user_id
  ORDER BY user_id
  RETURN collect(user_id) AS user_ids
}
RETURN
  visitor.visitor_id AS visitor_id,
  jar_ids,
  COUNT { (visitor)<-[:IN]-(:Jar) } AS jars,
  tied_to,
  cannot_linked_ids,
  user_ids
ORDER BY visitor = named DESC, visitor_id
