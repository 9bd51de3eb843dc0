"""The resources of the REST API, one module for each or for a few that belong together."""
