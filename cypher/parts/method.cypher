// purpose: How it follows by facts whose a tenure or user is, after the part `certainly`.
CASE
  WHEN resolves IS NULL THEN 'own'
  WHEN size(ties) = 0 THEN resolves.method
  ELSE 'tied'
END
