// The user ids that pages send with their events are evidence, as those that come with a visit. A split or a check finds them
// among the events of a tenure.
CREATE INDEX collected_by_tenure IF NOT EXISTS FOR (n:Event) ON (n.tenant, n.tenure_id, n.collected_user_id);
CREATE INDEX refused_by_tenure IF NOT EXISTS FOR (n:Event) ON (n.tenant, n.tenure_id, n.refused_user_id);
