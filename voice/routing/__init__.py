"""Who answers a call, and where a dialled target goes."""
