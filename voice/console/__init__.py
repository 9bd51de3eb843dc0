"""The page at ``/``: what goes on in the switch, what it is set to, one call from beginning to end, and a softphone."""
