// purpose: Extend a runner's lease of a job; no row is returned if another runner has taken the job since.
// access:  write
// params:  tenant STRING, name STRING, runner STRING, until ZONED DATETIME
// returns: name STRING
// index:   Job(tenant, name)
MATCH (job:Job {tenant: $tenant, name: $name})
SET job._lock = true
WITH job
WHERE job.runner = $runner
SET job.leased_until = $until
RETURN job.name AS name
