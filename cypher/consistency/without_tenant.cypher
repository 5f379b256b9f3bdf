// purpose: Find the nodes of any label that have no tenant, by reading all nodes of each label, since no index holds them.
// access:  read
// params:  limit INTEGER
// returns: label STRING, id STRING NULL
// index:   none
MATCH (node:Visitor|Jar|Identity|Session|Message|Event|Fingerprint|IpAddress|BrowserAtIp|AuditEntry|Warning|Job|Collection|Tenant|ApiKey)
WHERE node.tenant IS NULL
RETURN
  labels(node)[0] AS label,
  coalesce(
    node.event_id,
    node.session_id,
    node.identity_id,
    node.visitor_id,
    node.jar_id,
    node.hash,
    node.entry_id,
    node.warning_id,
    node.collection_id,
    node.name,
    node.key_id,
    node.address
  ) AS id
LIMIT $limit
