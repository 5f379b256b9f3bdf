// purpose: Take a fingerprint from a visitor, and open a cannot-link between the two.
// access:  write
// params:  tenant STRING, visitor_id STRING, fingerprint STRING, at ZONED DATETIME, reason STRING NULL, actor STRING, change_id STRING
// returns: nothing
// index:   Visitor(tenant, visitor_id), Fingerprint(tenant, hash)
MATCH (visitor:Visitor {tenant: $tenant, visitor_id: $visitor_id})
MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: $fingerprint})
CREATE (visitor)-[:CANNOT_LINK {since: $at, reason: $reason, actor: $actor, change_id: $change_id}]->(fingerprint)
WITH visitor, fingerprint
MATCH (visitor)-[has:HAS_FINGERPRINT]->(fingerprint)
CREATE (visitor)-[closed:HAD_FINGERPRINT]->(fingerprint)
// part: close(open: has, at: $at, change_id: $change_id)
