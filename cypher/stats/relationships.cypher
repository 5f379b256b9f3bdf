// purpose: Count a tenant's listed relationships by source and by bounds of rank, and the active ones among them, in one pass
//          over the index.
// access:  read
// params:  tenant STRING, bounds LIST<FLOAT>, active FLOAT
// returns: source STRING NULL, bucket INTEGER, count INTEGER, active INTEGER
// index:   IDENTIFIED_AS(tenant, user_id, rank, visitor_id)
MATCH (:Visitor)-[identified:IDENTIFIED_AS]->(:User)
USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, rank, visitor_id)
WHERE
  identified.tenant = $tenant AND
  identified.user_id > '' AND
  identified.rank IS NOT NULL AND
  identified.visitor_id IS NOT NULL
RETURN
  identified.source AS source,
  size([bound IN $bounds WHERE identified.rank >= bound]) AS bucket,
  count(*) AS count,
  sum(CASE WHEN identified.rank >= $active THEN 1 ELSE 0 END) AS active
