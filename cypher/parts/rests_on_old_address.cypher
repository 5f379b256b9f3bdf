// purpose: Whether an inference rests on an address, and was last seen before addresses are kept.
coalesce(inference.last_seen, inference.since) < $addresses_before AND any(key IN inference.rests_on WHERE key STARTS WITH 'ip')
