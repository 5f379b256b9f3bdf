// Users that a caller linked, because they are one person's accounts, have one `linked_id`.

CREATE INDEX user_linked IF NOT EXISTS FOR (n:User) ON (n.tenant, n.linked_id);
