// purpose: The properties that were observed of a client and are kept on its session or event.
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
