"""The identity graph as a plain Python library: the only importer of the Neo4j driver."""
