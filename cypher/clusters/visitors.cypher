// purpose: The next visitors by their ids, and whether each is a browser that stands for its merge group: it is grouped with others.
// access:  read
// params:  tenant STRING, after STRING, limit INTEGER
// returns: visitor_id STRING, is_grouped BOOLEAN
// index:   Visitor(tenant, visitor_id)
MATCH (visitor:Visitor)
USING INDEX SEEK visitor:Visitor(tenant, visitor_id)
WHERE visitor.tenant = $tenant AND visitor.visitor_id > $after
WITH visitor
ORDER BY visitor.tenant, visitor.visitor_id
LIMIT $limit
RETURN visitor.visitor_id AS visitor_id, visitor.root_id = visitor.visitor_id AND visitor.kind = 'browser' AS is_grouped
