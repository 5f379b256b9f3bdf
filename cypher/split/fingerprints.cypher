// purpose: Recount the fingerprints of a visitor and of the new visitor that took over some of its jars, visit by visit, as
//          an init counts them.
// access:  write
// params:  tenant STRING, visitor_id STRING, new_visitor_id STRING, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id), Fingerprint(tenant, hash)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
MATCH (new_visitor:Visitor {tenant: $tenant, visitor_id: $new_visitor_id})
CALL (visitor, new_visitor) {
  UNWIND [visitor, new_visitor] AS owner
  MATCH (owner)<-[:IN]-(:Jar)<-[:ON]-(:Tenure)<-[:DURING]-(visit)
  WHERE
    visit.fingerprint IS NOT NULL AND
    // A successor session continues a visit after another user's login, and is no visit of its own.
    NOT EXISTS { (visit)<-[:SUCCEEDED_BY]-() }
  WITH owner, visit
  ORDER BY visit.received_at DESC, coalesce(visit.session_id, visit.collection_id) DESC
  WITH
    owner,
    visit.fingerprint AS hash,
    count(visit) AS visits,
    min(visit.started_at) AS first,
    max(visit.started_at) AS last,
    head(collect(visit)) AS latest
  WITH owner, hash, {
    weight: CASE WHEN latest.method IN ['fingerprint', 'fuzzy_fingerprint'] THEN latest.confidence ELSE 1.0 END,
    count: visits,
    first_seen: first,
    last_seen: last,
    browser: latest.browser,
    browser_version: latest.browser_version,
    os: latest.os
  } AS totals
  RETURN
    hash,
    head(collect(CASE WHEN owner = new_visitor THEN totals END)) AS new_totals,
    head(collect(CASE WHEN owner = visitor THEN totals END)) AS kept_totals
}
WITH visitor, new_visitor, hash, new_totals, kept_totals
WHERE new_totals IS NOT NULL
MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: hash})
WITH visitor, new_visitor, fingerprint, new_totals, kept_totals
ORDER BY fingerprint.hash
// The new visitor may have the fingerprint already, from jars of another visitor of the merge group.
OPTIONAL MATCH (new_visitor)-[existing:HAS_FINGERPRINT]->(fingerprint)
FOREACH (_ IN CASE WHEN existing IS NULL THEN [1] ELSE [] END |
  CREATE (new_visitor)-[created:HAS_FINGERPRINT]->(fingerprint)
  SET created = new_totals
)
FOREACH (recounted IN CASE WHEN existing IS NULL THEN [] ELSE [existing] END |
  SET recounted = new_totals
)
WITH visitor, fingerprint, kept_totals
MATCH (visitor)-[current:HAS_FINGERPRINT]->(fingerprint)
FOREACH (_ IN CASE WHEN kept_totals IS NULL THEN [] ELSE [1] END |
  SET current = kept_totals
)
WITH visitor, fingerprint, current, kept_totals
WHERE kept_totals IS NULL
CREATE (visitor)-[closed:HAD_FINGERPRINT]->(fingerprint)
// part: close(open: current, at: $at, change_id: $change_id)
