"""How right the service is: `python -m bench.accuracy`. docs/accuracy.md has the results, and says where the data come from."""
