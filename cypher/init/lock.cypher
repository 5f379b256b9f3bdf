// purpose: Lock the jar and the fingerprint of each visit, or create them, and lock with their survivors the visitors that these
//          lead to, or that known fingerprints lead to which are like one that nobody has.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {jar_id STRING, jar_kind STRING, spare_jar_id STRING, fingerprint STRING NULL, fingerprint_crowd INTEGER, components STRING NULL, features STRING NULL, buckets LIST<MAP>, user_id STRING NULL, fuzzy_crowd INTEGER, at INTEGER}, fuzzy_candidates_max INTEGER
// returns: visitor_ids LIST<STRING>, spare_ids LIST<STRING>, unsorted LIST<STRING>, similar LIST<MAP>
// index:   Jar(tenant, jar_id), Fingerprint(tenant, hash), FuzzyBucket(tenant, band, key), IDENTIFIED_AS(tenant, user_id, rank, visitor_id), Visitor(tenant, visitor_id)
UNWIND $rows AS row
// Nobody waits for a contradicted jar, which recognises nobody: the visit begins on a jar of its own.
OPTIONAL MATCH (named:Jar {tenant: $tenant, jar_id: row.jar_id})
WITH
  CASE
    WHEN named.contradicted_at IS NULL THEN row
    ELSE row {.*, jar_id: row.spare_jar_id, jar_kind: 'issued'}
  END AS row
ORDER BY row.jar_id
MERGE (jar:Jar {tenant: $tenant, jar_id: row.jar_id})
ON CREATE SET jar.kind = row.jar_kind, jar.created_at = datetime({epochMillis: row.at})
SET jar._lock = true
WITH
  collect(row) AS visits,
  collect(jar) AS jars,
  collect(CASE WHEN NOT EXISTS { (jar)-[:IN]->() } THEN row.jar_id END) AS new_jar_ids
CALL (visits) {
  UNWIND visits AS row
  WITH row
  WHERE row.fingerprint IS NOT NULL
  ORDER BY row.fingerprint
  MERGE (fingerprint:Fingerprint {tenant: $tenant, hash: row.fingerprint})
  ON CREATE SET fingerprint.first_seen = datetime({epochMillis: row.at})
  // A fingerprint that several merge groups share owns nobody. No decision depends on which visit reads it first, and a
  // lock would queue them all.
  WITH row, fingerprint, COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } AS visitors
  CALL (row, fingerprint, visitors) {
    WITH row, fingerprint, visitors
    WHERE
      visitors = 0 OR
      // part: has_one_merge_group(crowd: row.fingerprint_crowd)
    SET fingerprint._lock = true
    // Until it is in a bucket, the components shown last count, from which the buckets are.
    WITH row, fingerprint, EXISTS { (fingerprint)-[:IN_BUCKET]->() } AS is_sorted
    // `SET f.components = coalesce(f.components, …)` would lock the fingerprint against new edges first and then as a node,
    // and so deadlock with a visit that locked the node and then adds an edge.
    WITH
      fingerprint,
      coalesce(fingerprint.components, row.components) AS components,
      CASE
        WHEN is_sorted THEN fingerprint.features
        ELSE coalesce(row.features, fingerprint.features)
      END AS features
    SET
      fingerprint.components = components,
      fingerprint.features = features
    RETURN count(*) AS held
  }
  RETURN
    collect(fingerprint) AS fingerprints,
    // Only a locked one is put into buckets.
    collect(CASE WHEN held > 0 THEN {row: row, fingerprint: fingerprint} END) AS shown
}
// The keys of buckets are looked up before visitors are locked, since that locks them, and in their order.
CALL (new_jar_ids, shown) {
  UNWIND shown AS record
  WITH
    record.row AS row,
    record.fingerprint AS fingerprint,
    new_jar_ids
  WITH
    row,
    fingerprint,
    NOT EXISTS { (fingerprint)-[:IN_BUCKET]->() } AS is_unsorted,
    row.jar_id IN new_jar_ids AND NOT EXISTS { (fingerprint)<-[:HAS_FINGERPRINT]-() } AS is_nobodys
  WHERE fingerprint.features IS NOT NULL AND (is_unsorted OR is_nobodys)
  UNWIND row.buckets AS step
  WITH row, fingerprint, is_unsorted, is_nobodys, step
  ORDER BY step.band, step.key
  OPTIONAL MATCH (bucket:FuzzyBucket {tenant: $tenant, band: step.band, key: step.key})
  WITH
    row,
    fingerprint,
    is_unsorted,
    is_nobodys,
    // A crowd is skipped, never sampled.
    collect(CASE WHEN is_nobodys AND COUNT { (bucket)<-[:IN_BUCKET]-() } < row.fuzzy_crowd THEN bucket END) AS buckets
  RETURN
    collect(DISTINCT CASE WHEN is_unsorted THEN row.fingerprint END) AS unsorted,
    collect(CASE WHEN is_nobodys THEN {row: row, fingerprint: fingerprint, buckets: buckets} END) AS looking
}
CALL (looking) {
  UNWIND looking AS record
  WITH record.row AS row, record.fingerprint AS fingerprint, record.buckets AS buckets
  CALL (row, buckets) {
    UNWIND buckets AS bucket
    MATCH (bucket)<-[:IN_BUCKET]-(known:Fingerprint)
    RETURN known
    UNION ALL
    // The user id that came with the visit raises a candidate.
    MATCH (used:Visitor)-[identified:IDENTIFIED_AS]->(:User)
    USING INDEX SEEK identified:IDENTIFIED_AS(tenant, user_id, rank, visitor_id)
    WHERE
      identified.tenant = $tenant AND
      identified.user_id = row.user_id AND
      identified.rank IS NOT NULL AND
      identified.visitor_id IS NOT NULL
    WITH row, used, identified
    ORDER BY identified.tenant DESC, identified.user_id DESC, identified.rank DESC, identified.visitor_id DESC
    LIMIT $fuzzy_candidates_max
    MATCH (used)-[:HAS_FINGERPRINT]->(known:Fingerprint)
    WHERE COUNT { (used)-[:HAS_FINGERPRINT]->() } < row.fuzzy_crowd AND known.features IS NOT NULL
    RETURN known
  }
  WITH row, fingerprint, known, count(*) AS common, COUNT { (known)<-[:HAS_FINGERPRINT]-() } AS visitors
  MATCH (known)<-[seen:HAS_FINGERPRINT]-(sharer:Visitor)
  WHERE visitors < row.fingerprint_crowd AND NOT EXISTS { (sharer)-[:CANNOT_LINK]->(fingerprint) }
  WITH row, known, common, sharer, seen
  ORDER BY seen.last_seen DESC, sharer.visitor_id DESC
  WITH row, known, common, collect(sharer) AS sharers, collect(seen) AS sightings, collect(DISTINCT sharer.root_id) AS roots
  // What several merge groups share tells them not apart.
  WHERE size(roots) = 1
  WITH row, known, common, sharers, sightings[0] AS seen, roots[0] AS root_id
  ORDER BY common DESC, seen.last_seen DESC, known.hash
  WITH row, collect({known: known, sharers: sharers, seen: seen, root_id: root_id}) AS found
  UNWIND found[..$fuzzy_candidates_max] AS record
  WITH row, record.known AS known, record.sharers AS sharers, record.seen AS seen, record.root_id AS root_id
  RETURN
    collect({
      jar_id: row.jar_id,
      fingerprint: known.hash,
      features: known.features,
      browser: seen.browser,
      browser_version: seen.browser_version,
      os: seen.os,
      last_seen: seen.last_seen.epochMillis,
      root_id: root_id,
      tenure_id: sharers[0].latest_tenure_id,
      recent_users: reduce(users = [], sharer IN sharers | users + sharer.recent_users),
      machines: reduce(most = 1, sharer IN sharers | CASE WHEN sharer.machines > most THEN sharer.machines ELSE most END),
      is_of_user:
        row.user_id IS NOT NULL AND
        any(sharer IN sharers WHERE EXISTS { (sharer)-[identified:IDENTIFIED_AS]->() WHERE identified.user_id = row.user_id }),
      known_jars: reduce(known_jars = 0, sharer IN sharers | known_jars + sharer.known_jars)
    }) AS similar,
    reduce(all = [], some IN collect(sharers) | all + some) AS lookalikes
}
CALL (visits, jars, fingerprints, lookalikes) {
  // The edges are read now that the jars and fingerprints are locked. The nodes are not looked up again (locked_visitors).
  CALL (jars) {
    UNWIND jars AS jar
    MATCH (jar)-[:IN]->(own:Visitor)
    RETURN collect(own) AS own
  }
  // Both: a visit that shows another visitor's fingerprint may loosen what that visitor owns by it.
  CALL (visits, fingerprints) {
    UNWIND fingerprints AS fingerprint
    WITH visits[0].fingerprint_crowd AS crowd, fingerprint, COUNT { (fingerprint)<-[:HAS_FINGERPRINT]-() } AS visitors
    MATCH (fingerprint)<-[:HAS_FINGERPRINT]-(owner:Visitor)
    WHERE
      // part: has_one_merge_group
    RETURN collect(owner) AS owners
  }
  WITH own + owners + lookalikes AS found
  // part: locked_visitors
  RETURN locked_ids AS visitor_ids
}
RETURN visitor_ids, [row IN visits WHERE row.jar_id = row.spare_jar_id | row.jar_id] AS spare_ids, unsorted, similar
