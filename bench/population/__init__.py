"""A made-up population with known truth, sent through the API: `make demo-data`. docs/demo-data.md describes it."""
