// purpose: Who made each change, when and why.
// access:  read
// params:  tenant STRING, change_ids LIST<STRING>
// returns: change_id STRING, act STRING, actor STRING, reason STRING NULL, at ZONED DATETIME
// index:   AuditEntry(tenant, entry_id)
UNWIND $change_ids AS change_id
MATCH (entry:AuditEntry {tenant: $tenant, entry_id: change_id + '_0'})
RETURN change_id, entry.act AS act, entry.actor AS actor, entry.reason AS reason, entry.at AS at
