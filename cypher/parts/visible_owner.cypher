// purpose: Whose a tenure (tenure) is by facts (certain) and how sure that is (certainty); what reads leave out as hidden is left
//          out.
CALL (tenure) {
  // part: certainly(start: tenure)
  RETURN coalesce(user, nearest) AS certain, certainty
}
WITH *
WHERE
  certain.hidden IS NULL AND
  // part: is_visible_there(identity: certain)
