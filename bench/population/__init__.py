"""Send a made-up population with known truth through the API: `make demo-data`; docs/demo-data.md describes it."""
