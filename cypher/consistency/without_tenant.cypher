// purpose: Nodes of every label that carry no tenant, whosever they were: no index has these, so each label is read through once.
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
