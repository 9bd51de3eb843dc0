"""The HTTP side of the switch: REST resources, health and metrics."""
