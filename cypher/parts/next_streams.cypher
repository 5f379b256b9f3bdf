// purpose: Whether a tenure has events, may have some in the time asked for ($since, $until), and comes after a place
//          ($after_at, $after_id) in the order of first times.
tenure.events > 0 AND
tenure.last_seen >= $since AND
tenure.first_seen <= $until AND
tenure.first_seen >= $after_at AND
(tenure.first_seen > $after_at OR tenure.identity_id > $after_id)
