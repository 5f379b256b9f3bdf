// purpose: Remove the next candidates whose visitors were first together before addresses are kept.
// access:  write
// params:  tenant STRING, before ZONED DATETIME, limit INTEGER
// returns: count INTEGER
// index:   MAY_BE(tenant, first_seen)
MATCH (:Visitor)-[candidate:MAY_BE]->(:Visitor)
USING INDEX SEEK candidate:MAY_BE(tenant, first_seen)
WHERE candidate.tenant = $tenant AND candidate.first_seen < $before
WITH candidate
LIMIT $limit
DELETE candidate
RETURN count(*) AS count
