// purpose: Count what people did in the steps before an event, over all devices of one identity, the most frequent path first.
// access:  read
// params:  tenant STRING, event STRING, steps INTEGER, since STRING, until STRING, confidence_min FLOAT, look_at INTEGER, limit INTEGER
// returns: path LIST<STRING>, times INTEGER, identities INTEGER, over_devices INTEGER
// index:   Session(tenant, started_at, session_id), Identity(tenant, identity_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id)
// given:   tenant = 'demo': The tenant to read.
//          event: The event that the paths lead to, such as buy.
//          steps = 3: The most events of a path, 20 at most.
//          since = '': The first time at which a session may begin, such as 2026-03-01 or 2026-03-01T12:00:00Z. Empty means no bound.
//          until = '': The time before which a session has to begin. Empty means no bound.
//          confidence_min = 0.5: The lowest confidence at which a session counts as another identity's, 0–1. Below it, the session counts for itself.
//          look_at = 10000: The most sessions to examine, newest first. They come from an index, by time.
//          limit = 20: The most paths to return.
// paste:   :params {tenant: 'demo', event: 'buy', steps: 3, since: '', until: '', confidence_min: 0.5, look_at: 10000, limit: 20}
// example: | path                     | times | identities | over_devices |
//          |--------------------------|-------|------------|--------------|
//          | view, identify, identify | 1     | 1          | 1            |
// part: events_of_identities
WITH *, CASE WHEN $steps > 20 THEN 20 ELSE toInteger($steps) END AS steps
UNWIND [place IN range(0, size(done) - 1) WHERE done[place].name = $event] AS goal
WITH
  identity_id,
  done[goal] AS step,
  done[CASE WHEN goal > steps THEN goal - steps ELSE 0 END..goal] AS before
WITH
  identity_id,
  [found IN before | found.name] AS path,
  any(found IN before WHERE found.visitor_id <> step.visitor_id) AS is_over_devices
RETURN
  path,
  count(*) AS times,
  count(DISTINCT identity_id) AS identities,
  count(CASE WHEN is_over_devices THEN 1 END) AS over_devices
ORDER BY times DESC, identities DESC, path
LIMIT toInteger($limit)
