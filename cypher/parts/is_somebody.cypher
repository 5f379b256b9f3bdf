// purpose: Whether reads find a user: it has any edge, and is not hidden.
// part: has_edge
AND
user.hidden IS NULL
