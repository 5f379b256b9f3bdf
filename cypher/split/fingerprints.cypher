// purpose: Count anew with which fingerprints a visitor and a new one, which has some of its jars, were seen: as init did, visit by visit.
// access:  write
// params:  tenant STRING, visitor_id STRING, new_visitor_id STRING, at ZONED DATETIME, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id), Fingerprint(tenant, hash)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
MATCH (fresh:Visitor {tenant: $tenant, visitor_id: $new_visitor_id})
CALL (visitor, fresh) {
  UNWIND [visitor, fresh] AS one
  MATCH (one)<-[:IN]-(:Jar)<-[:ON]-(:Tenure)<-[:DURING]-(visit)
  WHERE
    visit.fingerprint IS NOT NULL AND
    // What goes on after another user's login is no visit of its own.
    NOT EXISTS { (visit)<-[:SUCCEEDED_BY]-() }
  WITH one, visit
  ORDER BY visit.received_at DESC, coalesce(visit.session_id, visit.collection_id) DESC
  WITH
    one,
    visit.fingerprint AS hash,
    count(visit) AS visits,
    min(visit.started_at) AS first,
    max(visit.started_at) AS last,
    head(collect(visit)) AS latest
  WITH one, hash, {
    weight: CASE WHEN latest.method = 'fingerprint' THEN latest.confidence ELSE 1.0 END,
    count: visits,
    first_seen: first,
    last_seen: last,
    browser: latest.browser,
    os: latest.os
  } AS seen
  RETURN
    hash,
    head(collect(CASE WHEN one = fresh THEN seen END)) AS went,
    head(collect(CASE WHEN one = visitor THEN seen END)) AS stays
}
WITH visitor, fresh, hash, went, stays
WHERE went IS NOT NULL
MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: hash})
WITH visitor, fresh, fingerprint, went, stays
ORDER BY fingerprint.hash
// It may have jars of another that was merged with this one already.
OPTIONAL MATCH (fresh)-[has:HAS_FINGERPRINT]->(fingerprint)
FOREACH (_ IN CASE WHEN has IS NULL THEN [1] ELSE [] END |
  CREATE (fresh)-[seen:HAS_FINGERPRINT]->(fingerprint)
  SET seen = went
)
FOREACH (seen IN CASE WHEN has IS NULL THEN [] ELSE [has] END |
  SET seen = went
)
WITH visitor, fingerprint, stays
MATCH (visitor)-[had:HAS_FINGERPRINT]->(fingerprint)
FOREACH (_ IN CASE WHEN stays IS NULL THEN [] ELSE [1] END |
  SET had = stays
)
WITH visitor, fingerprint, had, stays
WHERE stays IS NULL
CREATE (visitor)-[closed:HAD_FINGERPRINT]->(fingerprint)
// part: close(open: had)
