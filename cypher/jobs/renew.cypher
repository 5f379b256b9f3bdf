// purpose: Extend a runner's lease of a job, and keep where a run goes on that is cut off; no row is returned if another runner has taken the job since.
// access:  write
// params:  tenant STRING, name STRING, runner STRING, until ZONED DATETIME, place STRING NULL
// returns: name STRING
// index:   Job(tenant, name)
MATCH (job:Job {tenant: $tenant, name: $name})
SET job._lock = true
WITH job
WHERE job.runner = $runner
SET job.leased_until = $until, job.place = coalesce($place, job.place)
RETURN job.name AS name
