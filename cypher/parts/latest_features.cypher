// purpose: What is compared of the fingerprint that a visitor (shown_by) showed last; null for a visitor with 20 or more.
CALL (shown_by) {
  WITH shown_by
  WHERE COUNT { (shown_by)-[:HAS_FINGERPRINT]->() } < 20
  MATCH (shown_by)-[seen_latest:HAS_FINGERPRINT]->(compared:Fingerprint)
  WHERE compared.features IS NOT NULL
  WITH compared, seen_latest
  ORDER BY seen_latest.last_seen DESC, compared.hash
  RETURN head(collect(compared.features)) AS features
}
