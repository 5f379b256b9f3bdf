// purpose: Read a page of jars by id: whether each has sessions, how many visitors and current tenures it has, and its edges to
//          another tenant's nodes.
// access:  read
// params:  tenant STRING, first STRING, limit INTEGER
// returns: id STRING, was_visited BOOLEAN, visitors INTEGER, current INTEGER, strangers LIST<STRING>
// index:   Jar(tenant, jar_id)
MATCH (jar:Jar)
USING INDEX SEEK jar:Jar(tenant, jar_id)
WHERE jar.tenant = $tenant AND jar.jar_id >= $first
WITH jar
ORDER BY jar.tenant, jar.jar_id
LIMIT $limit
RETURN
  jar.jar_id AS id,
  EXISTS { (jar)<-[:ON]-()<-[:DURING]-(:Session) } AS was_visited,
  COUNT { (jar)-[:IN]->() } AS visitors,
  COUNT { (jar)-[:CURRENT]->() } AS current,
  [(jar)-[edge]->(adjacent) WHERE adjacent.tenant <> $tenant | type(edge)] AS strangers
