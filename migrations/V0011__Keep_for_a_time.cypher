// What is kept for a time is found by its time: visits by when they began, and places by their week.

CREATE INDEX session_by_start IF NOT EXISTS FOR (n:Session) ON (n.tenant, n.started_at, n.session_id);
CREATE INDEX collection_by_start IF NOT EXISTS FOR (n:Collection) ON (n.tenant, n.started_at, n.collection_id);
CREATE INDEX browser_at_ip_by_week IF NOT EXISTS FOR (n:BrowserAtIp) ON (n.tenant, n.week);
