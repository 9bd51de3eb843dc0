"""The page at ``/``: sign-in, live calls and history, and the inspector of one call."""
