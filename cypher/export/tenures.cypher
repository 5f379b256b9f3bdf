// purpose: The next tenures of a user or of a visitor's merge group, each with its jar, its visitor and what joins it to others.
// access:  read
// params:  tenant STRING, user_id STRING NULL, server_jar_id STRING NULL, until ZONED DATETIME, visitor_id STRING NULL, after STRING, limit INTEGER
// returns: tenure_id STRING, tenure MAP, jar MAP, visitor MAP, edges LIST<MAP>
// index:   User(tenant, user_id), Jar(tenant, jar_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id)
// part: tenures_of_person
RETURN
  tenure.identity_id AS tenure_id,
  properties(tenure) AS tenure,
  properties(jar) AS jar,
  properties(visitor) AS visitor,
  [
    (tenure)-[edge:TIED_TO|WAS_TIED_TO|RESOLVES_TO|RESOLVED_TO|PROBABLY|WAS_PROBABLY|CANNOT_LINK|COULD_NOT_LINK]->(other) |
    edge {.*, type: type(edge), to: coalesce(other.user_id, other.identity_id)}
  ] AS edges
ORDER BY tenure_id
