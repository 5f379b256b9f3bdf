// purpose: Count how many identities reach each of several events in order, on how many devices, and how many changed the device on the way.
// access:  read
// params:  tenant STRING, events LIST<STRING>, since STRING, until STRING, confidence_min FLOAT, look_at INTEGER, limit INTEGER
// returns: step INTEGER, event STRING, identities INTEGER, share FLOAT, devices INTEGER, changed_device INTEGER
// index:   Session(tenant, started_at, session_id), Identity(tenant, identity_id), Visitor(tenant, visitor_id), Visitor(tenant, root_id)
// given:   tenant = 'demo': The tenant to read.
//          events: The names of the events in their order. As text they are separated by commas, such as search,view,buy. A text that begins with [ is a JSON list, for names with commas.
//          since = '': The first time at which a session may begin, such as 2026-03-01 or 2026-03-01T12:00:00Z. Empty means no bound.
//          until = '': The time before which a session has to begin. Empty means no bound.
//          confidence_min = 0.5: The lowest confidence at which a session counts as another identity's, 0–1. Below it, the session counts for itself.
//          look_at = 10000: The most sessions to examine, newest first. They come from an index, by time.
//          limit = 20: The most steps to return.
// paste:   :params {tenant: 'demo', events: ['search', 'view', 'buy'], since: '', until: '', confidence_min: 0.5, look_at: 10000, limit: 20}
// example: | step | event  | identities | share | devices | changed_device |
//          |------|--------|------------|-------|---------|----------------|
//          | 1    | search | 1          | 1.00  | 1       | 0              |
//          | 2    | view   | 1          | 1.00  | 1       | 0              |
//          | 3    | buy    | 1          | 1.00  | 1       | 1              |
// part: events_of_identities
WITH
  reduce(
    way = [],
    step IN done | CASE WHEN step.name = $events[size(way)] THEN way + [step] ELSE way END
  ) AS way
WHERE size(way) > 0
WITH collect(way) AS ways
UNWIND range(1, size($events)) AS number
CALL (ways, number) {
  UNWIND ways AS way
  WITH way[number - 1] AS step, CASE WHEN number > 1 THEN way[number - 2] END AS found
  WHERE step IS NOT NULL
  RETURN
    count(*) AS identities,
    count(DISTINCT step.visitor_id) AS devices,
    count(CASE WHEN found.visitor_id <> step.visitor_id THEN 1 END) AS changed_device
}
RETURN
  number AS step,
  $events[number - 1] AS event,
  identities,
  CASE WHEN ways = [] THEN 0.0 ELSE round(toFloat(identities) / size(ways), 2) END AS share,
  devices,
  changed_device
ORDER BY step
LIMIT toInteger($limit)
