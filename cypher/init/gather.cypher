// purpose: What each visit could belong to: its jar's visitor and tenure, the visitor that its fingerprint leads to, and the
//          merge groups with its fingerprint or seen at its address.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, jar_id STRING, at INTEGER, message_id STRING NULL, hashes LIST<STRING>, fingerprint STRING NULL, alike STRING NULL, has_features BOOLEAN, address STRING NULL, fingerprint_crowd INTEGER, known_jars_max INTEGER, browser STRING NULL, os STRING, device_class STRING, weeks LIST<STRING>, address_crowd INTEGER}, places_max INTEGER, users_days FLOAT
// returns: i INTEGER, message MAP NULL, erased LIST<MAP>, has_fingerprint BOOLEAN, jar_since INTEGER, jar_last_seen INTEGER NULL, jar_os STRING NULL, jar_device_class STRING NULL, jar_sights LIST<STRING>, jar_is_contradicted BOOLEAN, joined_by STRING NULL, passing LIST<STRING>, fingerprint_since INTEGER NULL, stretches LIST<MAP>, alone_ids LIST<STRING>, alone_survivor_id STRING NULL, machines_before INTEGER, visitor_id STRING NULL, survivor_id STRING NULL, tenure_id STRING NULL, tenure_first_seen INTEGER NULL, owner MAP NULL, owner_users LIST<MAP>, resolved MAP NULL, same_fingerprint LIST<MAP>, same_browser LIST<MAP>, same_address LIST<MAP>, neighbours INTEGER NULL, neighbours_alike INTEGER NULL
// index:   Jar(tenant, jar_id), Tombstone(tenant, hash), Fingerprint(tenant, hash), Message(tenant, message_id), Identity(tenant, identity_id), Visitor(tenant, root_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id), BrowserAtIp(tenant, address, week, browser, os, device_class), BrowserAtIp(tenant, address, week)
UNWIND $rows AS row
MATCH (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
OPTIONAL MATCH (jar)-[into:IN]->(visitor:Visitor)
OPTIONAL MATCH (jar)-[:CURRENT]->(current:Tenure)
// A visit that arrives late belongs to the tenure that its jar had then.
OPTIONAL CALL (row, jar, current) {
  WITH jar, current, datetime({epochMillis: row.at}) AS at
  WHERE at < current.since AND at < current.first_seen
  MATCH (jar)<-[:ON]-(earlier:Tenure)
  WHERE earlier <> current AND coalesce(earlier.until > at, true)
  // Its first visit may have arrived after others.
  WITH at, earlier, CASE WHEN earlier.first_seen < earlier.since THEN earlier.first_seen ELSE earlier.since END AS began
  RETURN earlier
  // The latest that had begun by then; else the first.
  ORDER BY began <= at DESC, CASE WHEN began <= at THEN -began.epochMillis ELSE began.epochMillis END
  LIMIT 1
}
WITH *, coalesce(earlier, current) AS tenure
OPTIONAL MATCH (message:Message {tenant: $tenant, message_id: row.message_id})
OPTIONAL MATCH (shown:Fingerprint {tenant: $tenant, hash: row.fingerprint})
// What leads to a visitor is the fingerprint, or the known one that it is like.
OPTIONAL MATCH (fingerprint:Fingerprint {tenant: $tenant, hash: coalesce(row.alike, row.fingerprint)})
WITH *, CASE WHEN fingerprint IS NULL THEN 0 ELSE COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } END AS visitors
// The merge groups that have the fingerprint, the group last seen with it first. The degree is read before them: a crowd
// is skipped, never sampled.
CALL (row, visitor, fingerprint, visitors) {
  MATCH (fingerprint)<-[seen:HAS_FINGERPRINT]-(sharer:Visitor)
  WHERE visitor IS NULL AND visitors < row.fingerprint_crowd
  WITH sharer, seen
  ORDER BY seen.last_seen DESC, sharer.visitor_id DESC
  WITH
    sharer.root_id AS root_id,
    collect(sharer) AS sharers,
    head(collect(seen)) AS seen,
    min(seen.first_seen) AS first_seen,
    head(collect(sharer.latest_tenure_id)) AS tenure_id
  RETURN
    collect(root_id) AS root_ids,
    collect(sharers) AS sharing,
    collect(seen) AS sightings,
    head(collect(first_seen)) AS owned_since,
    [
      candidate IN collect({
        tenure_id: tenure_id,
        last_seen: seen.last_seen.epochMillis,
        recent_users: reduce(users = [], sharer IN sharers | users + sharer.recent_users),
        machines: reduce(most = 1, sharer IN sharers | CASE WHEN sharer.machines > most THEN sharer.machines ELSE most END)
      })
      WHERE candidate.tenure_id IS NOT NULL
    ] AS same_fingerprint
}
// Those whose alone the fingerprint was until this visit of another visitor.
CALL (row, visitor, fingerprint, visitors) {
  MATCH (fingerprint)<-[has:HAS_FINGERPRINT]-(alone:Visitor)
  WHERE
    visitor IS NOT NULL AND
    visitors < row.fingerprint_crowd AND
    NOT EXISTS { (visitor)-[:HAS_FINGERPRINT]->(fingerprint) }
  WITH
    visitor,
    collect(alone.visitor_id) AS ids,
    collect(DISTINCT alone.root_id) AS roots,
    // A fingerprint of several machines owns nobody.
    CASE WHEN max(coalesce(alone.machines, 1)) <= row.known_jars_max THEN min(has.first_seen) END AS first_seen
  WHERE size(roots) = 1 AND roots[0] <> visitor.root_id
  RETURN collect(ids) AS alone, head(collect(roots[0])) AS alone_root_id, head(collect(first_seen)) AS alone_since
}
OPTIONAL CALL (row, root_ids, sharing, sightings) {
  WITH row, sharing[0] AS sharers, sharing[0][0] AS owner, sightings[0] AS seen
  WHERE size(root_ids) = 1
  // The anchor is the first claimed tenure upwards from the latest tenure, else the top (docs/graph-model.md). Whether a
  // tenure is the owner's is asked of a list, since Neo4j would answer EXISTS by looking at all jars of the owner.
  OPTIONAL MATCH (latest:Identity {tenant: $tenant, identity_id: owner.latest_tenure_id})
  USING INDEX SEEK latest:Identity(tenant, identity_id)
  OPTIONAL MATCH
    (latest)
    ((below WHERE NOT EXISTS { (below)-[:RESOLVES_TO {method: 'claim'}]->() })-[:TIED_TO]->(above)
      WHERE owner IN COLLECT { MATCH (above)-[:ON]->(:Jar)-[:IN]->(home:Visitor) RETURN home }){0,8}
    (anchor)
  WHERE
    EXISTS { (anchor)-[:RESOLVES_TO {method: 'claim'}]->() } OR
    // The top is that of the visitor's own tenures, since a tie that a merge drew above them may be closed by an unmerge.
    NOT owner IN COLLECT { MATCH (anchor)-[:TIED_TO]->(:Tenure)-[:ON]->(:Jar)-[:IN]->(home:Visitor) RETURN home }
  RETURN {
    visitor_id: owner.visitor_id,
    known_jars: reduce(jars = 0, sharer IN sharers | jars + sharer.known_jars),
    machines: reduce(most = 1, sharer IN sharers | CASE WHEN sharer.machines > most THEN sharer.machines ELSE most END),
    recent_users: reduce(users = [], sharer IN sharers | users + sharer.recent_users),
    last_seen: seen.last_seen.epochMillis,
    browser: seen.browser,
    os: seen.os,
    same_address: any(sharer IN sharers WHERE EXISTS {
      (sharer)-[:SEEN_WITH]->(:BrowserAtIp {tenant: $tenant, address: row.address})
    }),
    // Nothing is tied to a released tenure, which would adopt a claim from below.
    anchor_id: CASE WHEN anchor.released_from IS NULL THEN anchor.identity_id END,
    anchor_depth: COUNT { (anchor)-[:TIED_TO*1..8]->() }
  } AS owner, anchor
}
OPTIONAL CALL (visitor, tenure, anchor) {
  WITH CASE WHEN visitor IS NULL THEN anchor ELSE tenure END AS start
  // part: whose
}
OPTIONAL CALL (row, owner, root_ids) {
  UNWIND CASE WHEN owner IS NULL THEN [] ELSE [{root_id: root_ids[0]}] END AS used
  WITH
    used,
    datetime({epochMillis: row.at}) - duration({days: $users_days}) AS since,
    datetime({epochMillis: row.at}) AS until
  // part: users_there
  RETURN users AS owner_users
}
CALL (row, visitor, owner, sharing) {
  UNWIND CASE WHEN visitor IS NOT NULL THEN [visitor] WHEN owner IS NOT NULL THEN sharing[0] ELSE [] END AS used
  WITH row, collect(used) AS used_by, sum(used.known_jars) AS known
  UNWIND CASE WHEN known >= row.known_jars_max THEN used_by ELSE [] END AS used
  MATCH (used)<-[:IN]-(known_jar:Jar)
  WHERE known_jar.known_since IS NOT NULL
  RETURN collect({
    jar_id: known_jar.jar_id,
    since: known_jar.created_at.epochMillis,
    until: known_jar.last_seen.epochMillis,
    browsers: known_jar.browsers
  }) AS stretches
}
WITH
  *,
  // No neighbours are looked for if the jar, or a fingerprint that owns, leads to a visitor already.
  CASE
    WHEN
      visitor IS NULL AND
      (owner IS NULL OR owner.known_jars > row.known_jars_max OR owner.machines > row.known_jars_max)
    THEN row.weeks
    ELSE []
  END AS weeks
// The merge groups that were seen at the address. The degrees are read before them: a crowd is skipped, never sampled.
CALL (row, weeks) {
  UNWIND weeks AS week
  MATCH (place:BrowserAtIp {
    tenant: $tenant,
    address: row.address,
    week: week,
    browser: row.browser,
    os: row.os,
    device_class: row.device_class
  })
  USING INDEX SEEK place:BrowserAtIp(tenant, address, week, browser, os, device_class)
  WITH collect(place) AS places, max(COUNT { (place)<-[:SEEN_WITH]-() }) AS most
  CALL (row, places, most) {
    UNWIND CASE WHEN most < row.address_crowd THEN places ELSE [] END AS place
    WITH row, place, row.has_features AS is_compared
    // part: groups_there(there: same_browser)
  }
  RETURN same_browser, coalesce(most, 0) AS neighbours_alike
}
CALL (row, weeks) {
  UNWIND weeks AS week
  MATCH (place:BrowserAtIp {tenant: $tenant, address: row.address, week: week})
  USING INDEX SEEK place:BrowserAtIp(tenant, address, week)
  WHERE place.device_class <> 'bot'
  WITH place
  LIMIT $places_max
  WITH collect(place) AS places, sum(COUNT { (place)<-[:SEEN_WITH]-() }) AS total
  CALL (row, places, total) {
    UNWIND CASE WHEN total < $places_max THEN places ELSE [] END AS place
    WITH row, place, false AS is_compared
    // part: groups_there(there: same_address)
  }
  RETURN same_address, total AS neighbours
}
// part: erased
RETURN
  row.i AS i,
  CASE
    WHEN message IS NULL THEN null
    ELSE message {.call, .session_sent, .request_hash, .answer}
  END AS message,
  erased,
  shown IS NOT NULL AS has_fingerprint,
  jar.created_at.epochMillis AS jar_since,
  jar.last_seen.epochMillis AS jar_last_seen,
  jar.os AS jar_os,
  jar.device_class AS jar_device_class,
  coalesce(jar.sights, []) AS jar_sights,
  jar.contradicted_at IS NOT NULL AS jar_is_contradicted,
  into.fingerprint AS joined_by,
  coalesce(jar.passing, []) AS passing,
  CASE
    WHEN visitor IS NOT NULL THEN alone_since.epochMillis
    WHEN owner.machines <= row.known_jars_max THEN owned_since.epochMillis
  END AS fingerprint_since,
  stretches,
  coalesce(alone[0], []) AS alone_ids,
  alone_root_id AS alone_survivor_id,
  coalesce(visitor.machines, 1) AS machines_before,
  visitor.visitor_id AS visitor_id,
  coalesce(visitor.root_id, CASE WHEN owner IS NOT NULL THEN root_ids[0] END) AS survivor_id,
  tenure.identity_id AS tenure_id,
  tenure.first_seen.epochMillis AS tenure_first_seen,
  owner,
  coalesce(owner_users, []) AS owner_users,
  resolved,
  same_fingerprint,
  coalesce(same_browser, []) AS same_browser,
  coalesce(same_address, []) AS same_address,
  CASE WHEN size(weeks) > 0 THEN neighbours END AS neighbours,
  CASE WHEN size(weeks) > 0 THEN neighbours_alike END AS neighbours_alike
