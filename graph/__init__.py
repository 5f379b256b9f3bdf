"""The identity graph as a plain Python library; the only package that imports the Neo4j driver."""
