// purpose: Record warnings of odd input and of refusals: all with one id share a node, which counts them, and those of too many
//          subjects in an hour share the hour's node.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {warning_id STRING, hour_id STRING, code STRING, subject STRING, detail STRING, at ZONED DATETIME}, subjects_max INTEGER, detail_of_hour STRING
// returns: nothing
// index:   Warning(tenant, warning_id)
UNWIND $rows AS row
OPTIONAL MATCH (known:Warning {tenant: $tenant, warning_id: row.warning_id})
WITH row, known IS NULL AS is_new
// New subjects come first, by their hours: every transaction locks the nodes of hours before those of subjects.
ORDER BY NOT is_new, CASE WHEN is_new THEN row.hour_id END, row.warning_id
CALL (row, is_new) {
  WITH row, is_new
  WHERE NOT is_new
  RETURN row.warning_id AS warning_id, row.subject AS subject, row.detail AS detail
  UNION
  WITH row, is_new
  WHERE is_new
  MERGE (hour:Warning {tenant: $tenant, warning_id: row.hour_id})
  ON CREATE SET
    hour.code = row.code,
    hour.subject = '',
    hour.detail = $detail_of_hour,
    hour.at = row.at,
    hour.last_seen = row.at,
    hour.count = 0,
    hour.subjects = 0
  SET hour._lock = true
  WITH row, hour, EXISTS { (:Warning {tenant: $tenant, warning_id: row.warning_id}) } AS is_there
  WITH row, hour, is_there, is_there OR hour.subjects < $subjects_max AS is_listed
  SET hour.subjects = hour.subjects + CASE WHEN is_listed AND NOT is_there THEN 1 ELSE 0 END
  RETURN
    CASE WHEN is_listed THEN row.warning_id ELSE row.hour_id END AS warning_id,
    CASE WHEN is_listed THEN row.subject ELSE '' END AS subject,
    CASE WHEN is_listed THEN row.detail ELSE $detail_of_hour END AS detail
}
MERGE (warning:Warning {tenant: $tenant, warning_id: warning_id})
ON CREATE SET
  warning.code = row.code,
  warning.subject = subject,
  warning.detail = detail,
  warning.at = row.at,
  warning.last_seen = row.at,
  warning.count = 0
SET
  warning.count = warning.count + 1,
  warning.last_seen = CASE WHEN warning.last_seen > row.at THEN warning.last_seen ELSE row.at END
