// purpose: Whether reads find a user: it has any edge, and is not hidden.
EXISTS { (user)--() } AND
user.hidden IS NULL
