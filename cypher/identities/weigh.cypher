// purpose: How many other merge groups share now what each piece of an inference's evidence rests on, in the weeks around it, where
//          each machine of a group counts; and how many users the browser had that it comes from.
// access:  read
// params:  tenant STRING, rows LIST<MAP> {i INTEGER, at ZONED DATETIME, weeks LIST<STRING>, places LIST<MAP>, sources LIST<STRING>}, address_crowd INTEGER, fingerprint_crowd INTEGER, places_max INTEGER, users_days FLOAT
// returns: i INTEGER, shared_by LIST<INTEGER>, users LIST<MAP>
// index:   BrowserAtIp(tenant, address, week, browser, os, device_class), BrowserAtIp(tenant, address, week), Fingerprint(tenant, hash), Identity(tenant, identity_id), IDENTIFIED_AS(tenant, visitor_id, rank, user_id)
UNWIND $rows AS row
CALL (row) {
  UNWIND range(0, size(coalesce(row.places, [])) - 1) AS number
  WITH row, number, row.places[number] AS place
  WITH
    row,
    number,
    place,
    CASE WHEN place.kind IN ['fingerprint', 'fuzzy_fingerprint'] THEN $fingerprint_crowd ELSE $address_crowd END AS crowd,
    // A visitor may have been there in each of the weeks.
    $address_crowd * size(row.weeks) AS sightings_max
  CALL (row, place) {
    CALL (row, place) {
      UNWIND CASE WHEN place.kind = 'ip_browser' THEN row.weeks ELSE [] END AS week
      MATCH (shared:BrowserAtIp {
        tenant: $tenant,
        address: place.address,
        week: week,
        browser: place.browser,
        os: place.os,
        device_class: place.device_class
      })
      USING INDEX SEEK shared:BrowserAtIp(tenant, address, week, browser, os, device_class)
      RETURN shared
      UNION
      UNWIND CASE WHEN place.kind = 'ip' THEN row.weeks ELSE [] END AS week
      MATCH (shared:BrowserAtIp {tenant: $tenant, address: place.address, week: week})
      USING INDEX SEEK shared:BrowserAtIp(tenant, address, week)
      WHERE shared.device_class <> 'bot'
      WITH shared
      LIMIT $places_max
      RETURN shared
      UNION
      UNWIND CASE WHEN place.kind IN ['fingerprint', 'fuzzy_fingerprint'] THEN [place.fingerprint] ELSE [] END AS hash
      MATCH (shared:Fingerprint {tenant: $tenant, hash: hash})
      RETURN shared
    }
    WITH shared, COUNT { (shared)<-[:SEEN_WITH|HAS_FINGERPRINT]-() } AS visitors
    RETURN collect(shared) AS sharing, coalesce(max(visitors), 0) AS most, coalesce(sum(visitors), 0) AS total
  }
  CALL (place, sharing, most, total, crowd, sightings_max) {
    // A crowd is not looked at: its degree says enough.
    UNWIND CASE WHEN most > crowd OR (place.kind = 'ip' AND total > sightings_max) THEN [] ELSE sharing END AS shared
    MATCH (shared)<-[:SEEN_WITH|HAS_FINGERPRINT]-(sharer:Visitor)
    WITH sharer.root_id AS root_id, max(coalesce(sharer.machines, 1)) AS machines
    RETURN coalesce(sum(machines), 0) AS groups
  }
  WITH number, CASE WHEN groups > 0 THEN groups WHEN most > crowd THEN most ELSE total END AS sharers
  ORDER BY number
  RETURN collect(CASE WHEN sharers > 1 THEN sharers - 1 ELSE 0 END) AS shared_by
}
CALL (row) {
  UNWIND row.sources AS source_id
  MATCH (:Identity {tenant: $tenant, identity_id: source_id})-[:ON]->(:Jar)-[:IN]->(used:Visitor)
  WITH used, row.at - duration({days: $users_days}) AS since, row.at + duration({days: $users_days}) AS until
  // part: users_there
  WITH users
  ORDER BY size(users)
  // Of several browsers that a login was carried on from, the one with the fewest users counts.
  RETURN coalesce(head(collect(users)), []) AS users
}
RETURN row.i AS i, shared_by, users
