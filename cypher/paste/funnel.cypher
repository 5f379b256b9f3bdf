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
MATCH (session:Session)
USING INDEX SEEK session:Session(tenant, started_at, session_id)
WHERE
  session.tenant = $tenant AND
  session.started_at >= datetime(CASE $since WHEN '' THEN '1970-01-01' ELSE $since END) AND
  session.started_at < datetime(CASE $until WHEN '' THEN '9999-12-31' ELSE $until END) AND
  session.session_id IS NOT NULL
WITH session
ORDER BY session.tenant DESC, session.started_at DESC, session.session_id DESC
LIMIT toInteger($look_at)
MATCH (session)-[:DURING]->(tenure:Tenure)-[:ON]->(:Jar)-[:IN]->(visitor:Visitor)
WHERE session.is_bot IS NULL OR NOT session.is_bot
WITH session, tenure, visitor, coalesce(visitor.root_id, visitor.visitor_id) AS group_id
WITH tenure, visitor, group_id, collect(session) AS sessions
CALL (tenure) {
  MATCH
    (tenure)
    ((below WHERE NOT EXISTS { (below)-[:RESOLVES_TO]->() })-[ties:TIED_TO]->(above)){0,8}
    (nearest)
  WHERE
    EXISTS { (nearest)-[:RESOLVES_TO]->() } OR
    NOT EXISTS { (nearest)-[:TIED_TO]->() }
  OPTIONAL MATCH (nearest)-[resolves:RESOLVES_TO]->(user:User)
  WITH
    *,
    coalesce(user.identity_id, nearest.identity_id) AS certain_id,
    coalesce(user.linked_id, nearest.linked_id) AS linked_id,
    reduce(
      least = CASE WHEN resolves.method = 'adopted' THEN resolves.confidence ELSE 1.0 END,
      tie IN ties | CASE WHEN tie.confidence < least THEN tie.confidence ELSE least END
    ) AS certainty
  RETURN coalesce(user, nearest) AS certain, certainty
}
WITH *
WHERE
  certain.hidden IS NULL AND
  NOT EXISTS {
    MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
    // An older release creates visitors without root_id. What is hidden must stay hidden next to one.
    MATCH (root:Visitor {tenant: $tenant, visitor_id: coalesce(used.root_id, used.visitor_id)})
    USING INDEX SEEK root:Visitor(tenant, visitor_id)
    MATCH (root)-[identified:IDENTIFIED_AS]->(certain)
    WHERE NOT identified.visible
  }
// The identity: by facts, else by the strongest inference, each from $confidence_min up; below that, the tenure's own.
OPTIONAL CALL (tenure, certain, certainty) {
  WITH tenure, certain, certainty
  WHERE certain:Tenure
  CALL (tenure) {
    // The tenure's own inferences, and those of the top of its ties.
    MATCH (tenure)-[:TIED_TO*0..8]->(holder)-[inferred:PROBABLY]->(whom:Identity)
    WHERE holder = tenure OR NOT EXISTS { (holder)-[:TIED_TO]->() }
    WITH tenure, inferred, whom, coalesce(inferred.via, []) AS between
    WITH inferred, whom, between, COLLECT {
      UNWIND [tenure.identity_id] + between AS told_id
      MATCH (:Identity {tenant: $tenant, identity_id: told_id})-[:TIED_TO*0..8]->(upper)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
      // By itself the id is sought. Beside `used`, Neo4j plans on a new graph to look at all visitors of the tenant.
      WITH upper, used.root_id AS root_id
      MATCH (member:Visitor {tenant: $tenant, root_id: root_id})
      WITH upper, collect(member) AS members
      UNWIND [upper] + members AS told
      WITH DISTINCT told
      // The degree first: hardly anybody has one.
      WHERE EXISTS { (told)-[:CANNOT_LINK]-() }
      MATCH (told)-[:CANNOT_LINK]-(apart)
      RETURN DISTINCT apart
    } AS apart_from
    WHERE
      // Nobody on this side is cannot-linked to what the other identity follows, or to its user…
      NOT EXISTS {
        UNWIND apart_from AS apart
        MATCH
          (apart)
          ((under WHERE NOT EXISTS { (under)-[:RESOLVES_TO]->() })-[way:TIED_TO]->(over)){0,8}
          ()-[:RESOLVES_TO]->{0,1}(whose)
        WHERE whose IN COLLECT {
          MATCH
            (whom)
            ((beside WHERE NOT EXISTS { (beside)-[:RESOLVES_TO]->() })-[path:TIED_TO]->(beyond)){0,8}
            ()-[:RESOLVES_TO]->{0,1}(led_to)
          RETURN led_to
        }
        RETURN apart
      } AND
      // …and at least one source, the other identity or a login that was carried on, is reached without crossing one.
      EXISTS {
        UNWIND coalesce(inferred.claims, [whom.identity_id]) AS source
        WITH source
        WHERE NOT EXISTS {
          UNWIND apart_from AS apart
          UNWIND between + source AS passed_id
          MATCH (:Identity {tenant: $tenant, identity_id: passed_id})-[:ON]->(:Jar)-[:IN]->(seen_on:Visitor)
          WHERE seen_on.root_id = apart.root_id
          RETURN seen_on
        }
        RETURN source
      }
    RETURN inferred AS strongest
    ORDER BY inferred.confidence DESC, inferred.last_seen DESC, whom.identity_id
    LIMIT 1
  }
  WITH tenure, certainty, strongest, endNode(strongest) AS whom
  MATCH
    (whom)
    ((lower WHERE NOT EXISTS { (lower)-[:RESOLVES_TO]->() })-[ways:TIED_TO]->(upper)){0,8}
    (led)
  WHERE
    EXISTS { (led)-[:RESOLVES_TO]->() } OR
    NOT EXISTS { (led)-[:TIED_TO]->() }
  OPTIONAL MATCH (led)-[leads:RESOLVES_TO]->(leader:User)
  WITH
    *,
    coalesce(leader.identity_id, led.identity_id) AS led_id,
    coalesce(leader.linked_id, led.linked_id) AS leads_linked_id,
    reduce(
      least = CASE WHEN leads.method = 'adopted' THEN leads.confidence ELSE 1.0 END,
      way IN ways | CASE WHEN way.confidence < least THEN way.confidence ELSE least END
    ) AS lead
  WITH
    tenure,
    coalesce(leader, led) AS identity,
    [strongest.confidence, lead, CASE startNode(strongest) WHEN tenure THEN 1.0 ELSE certainty END] AS bounds
  WHERE
    all(bound IN bounds WHERE bound >= $confidence_min) AND
    identity.hidden IS NULL AND
    NOT EXISTS {
      MATCH (tenure)-[:ON]->(:Jar)-[:IN]->(used:Visitor)
      // An older release creates visitors without root_id. What is hidden must stay hidden next to one.
      MATCH (root:Visitor {tenant: $tenant, visitor_id: coalesce(used.root_id, used.visitor_id)})
      USING INDEX SEEK root:Visitor(tenant, visitor_id)
      MATCH (root)-[identified:IDENTIFIED_AS]->(identity)
      WHERE NOT identified.visible
    }
  RETURN identity AS inferred_owner
}
WITH *, coalesce(inferred_owner, CASE WHEN certainty >= $confidence_min THEN certain ELSE tenure END) AS identity
WITH *, coalesce(identity.linked_id, identity.identity_id) AS identity_id
UNWIND sessions AS session
MATCH (session)-[:RECORDED]->(event:Event)
WITH identity_id, event, CASE visitor.kind WHEN 'browser' THEN group_id END AS browser_id
ORDER BY event.at, event.event_id
WITH identity_id, collect({name: event.name, visitor_id: browser_id}) AS done
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
