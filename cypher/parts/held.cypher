// purpose: What a tenure resolves to, with the fields of `Held` in graph/rules/identifying.py.
CASE
  WHEN held IS NULL THEN null
  ELSE {
    method: held.method,
    claim: coalesce(held.claim, tenure.identity_id),
    user_id: user.user_id,
    at: held.at,
    confidence: coalesce(held.confidence, 1.0),
    session_id: held.session_id,
    verified: coalesce(held.verified, false)
  }
END
