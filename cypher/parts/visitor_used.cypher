// purpose: A visitor's times and latest tenure after a session, collection or event (call) in one of its tenures.
FOREACH (used IN [visitor] |
  SET
    visitor.first_seen = CASE WHEN used.first_seen < at THEN used.first_seen ELSE at END,
    visitor.latest_tenure_id = CASE
      WHEN used.latest_tenure_id IS NOT NULL AND used.last_seen > at THEN used.latest_tenure_id
      ELSE tenure.identity_id
    END,
    visitor.last_seen = CASE WHEN used.last_seen > at THEN used.last_seen ELSE at END,
    visitor.last_received_at = CASE
      WHEN used.last_received_at > coalesce(call.counted_at, received_at) THEN used.last_received_at
      ELSE coalesce(call.counted_at, received_at)
    END
)
