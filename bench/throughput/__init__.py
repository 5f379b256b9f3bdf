"""Measure what the service does with many clients at once, beside what Flask and Neo4j do alone."""
