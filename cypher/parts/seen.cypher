// purpose: What is kept of a client with a session or an event.
{
  .address,
  .browser,
  .browser_version,
  .os,
  .device_class,
  .country,
  .region,
  .city,
  .latitude,
  .longitude,
  .time_zone,
  .asn,
  .as_organization
}
