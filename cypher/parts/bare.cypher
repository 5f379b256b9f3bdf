// purpose: Take from a visit or an event (node) what it said beside who, when and by which browser.
REMOVE
  node.address,
  node.browser_version,
  node.country,
  node.region,
  node.city,
  node.latitude,
  node.longitude,
  node.time_zone,
  node.asn,
  node.as_organization,
  node.page_url,
  node.page_referrer,
  node.page_title
SET node.is_bare = true
