// purpose: A visitor's times and latest tenure after a session, collection or event (call) in one of its tenures.
visitor.first_seen = CASE WHEN visitor.first_seen < at THEN visitor.first_seen ELSE at END,
visitor.latest_tenure_id = CASE
  WHEN visitor.latest_tenure_id IS NOT NULL AND visitor.last_seen > at THEN visitor.latest_tenure_id
  ELSE tenure.identity_id
END,
visitor.last_seen = CASE WHEN visitor.last_seen > at THEN visitor.last_seen ELSE at END,
visitor.last_received_at = CASE
  WHEN visitor.last_received_at > coalesce(call.counted_at, received_at) THEN visitor.last_received_at
  ELSE coalesce(call.counted_at, received_at)
END
