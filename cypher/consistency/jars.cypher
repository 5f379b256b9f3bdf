// purpose: Read a page of jars by id: whether each has sessions, how many visitors and current tenures it has, whether it is a
//          visitor's first jar and not surely its own, and its edges to another tenant's nodes.
// access:  read
// params:  tenant STRING, first STRING, limit INTEGER
// returns: id STRING, was_visited BOOLEAN, visitors INTEGER, is_first_unsure BOOLEAN, current INTEGER, strangers LIST<STRING>
// index:   Jar(tenant, jar_id)
MATCH (jar:Jar)
USING INDEX jar:Jar(tenant, jar_id)
WHERE jar.tenant = $tenant AND jar.jar_id >= $first
WITH jar
ORDER BY jar.tenant, jar.jar_id
LIMIT $limit
RETURN
  jar.jar_id AS id,
  EXISTS { (jar)<-[:ON]-()<-[:DURING]-(:Session) } AS was_visited,
  COUNT { (jar)-[:IN]->() } AS visitors,
  EXISTS {
    (jar)-[inside:IN]->(visitor:Visitor)
    WHERE inside.confidence < 1.0 AND NOT EXISTS { (visitor)<-[own:IN|WAS_IN]-() WHERE own.method IN ['new', 'split'] }
  } AS is_first_unsure,
  COUNT { (jar)-[:CURRENT]->() } AS current,
  [(jar)-[edge]-(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] AS strangers
