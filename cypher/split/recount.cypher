// purpose: Count anew what visitors consist of, after jars went from one to the other.
// access:  write
// params:  tenant STRING, visitor_ids LIST<STRING>
// returns: nothing
// index:   Visitor(tenant, visitor_id)
UNWIND $visitor_ids AS visitor_id
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: visitor_id})
CALL (visitor) {
  MATCH (visitor)<-[:IN]-(:Jar)<-[:ON]-(tenure:Tenure)
  WITH tenure
  ORDER BY tenure.last_seen DESC, tenure.identity_id DESC
  RETURN
    min(tenure.first_seen) AS first,
    max(tenure.last_seen) AS last,
    head(collect(tenure.identity_id)) AS latest
}
SET
  visitor.known_jars = COUNT { (visitor)<-[:IN]-(jar:Jar) WHERE jar.known_since IS NOT NULL },
  visitor.first_seen = first,
  visitor.last_seen = last,
  visitor.latest_tenure_id = latest
