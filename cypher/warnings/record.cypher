// purpose: Record warnings of odd input and of refusals: all warnings with one id share a node, which counts them.
// access:  write
// params:  tenant STRING, rows LIST<MAP> {warning_id STRING, code STRING, subject STRING, detail STRING, at ZONED DATETIME}
// returns: nothing
// index:   Warning(tenant, warning_id)
UNWIND $rows AS row
WITH row
ORDER BY row.warning_id
MERGE (warning:Warning {tenant: $tenant, warning_id: row.warning_id})
ON CREATE SET
  warning.code = row.code,
  warning.subject = row.subject,
  warning.detail = row.detail,
  warning.at = row.at,
  warning.last_seen = row.at,
  warning.count = 0
SET
  warning.count = warning.count + 1,
  warning.last_seen = CASE WHEN warning.last_seen > row.at THEN warning.last_seen ELSE row.at END
