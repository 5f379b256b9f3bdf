// purpose: Lease a job to a runner, if it is due and no other runner has it, and tell where a run that did not end goes on.
// access:  write
// params:  tenant STRING, name STRING, runner STRING, now ZONED DATETIME, due_before ZONED DATETIME, retry_before ZONED DATETIME, until ZONED DATETIME
// returns: is_ours BOOLEAN, place STRING NULL
// index:   Job(tenant, name)
MERGE (job:Job {tenant: $tenant, name: $name})
SET job._lock = true
WITH
  job,
  coalesce(job.leased_until <= $now, true) AND (
    coalesce(job.started_at <= CASE job.outcome WHEN 'failed' THEN $retry_before ELSE $due_before END, true) OR job.finished_at IS NULL
  ) AS is_ours
FOREACH (_ IN CASE WHEN is_ours THEN [1] ELSE [] END |
  SET
    job.runner = $runner,
    job.leased_until = $until,
    job.started_at = $now,
    job.finished_at = null,
    job.outcome = null
)
RETURN is_ours, job.place AS place
