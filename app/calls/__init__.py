"""Do what a call asks for: make a command from what was sent, run it in the graph, and count it in the metrics."""
