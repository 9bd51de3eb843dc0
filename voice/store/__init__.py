"""What outlives the process: SQLAlchemy over SQLite or PostgreSQL.

``tables`` says what is kept, ``database`` keeps it without ever blocking the event loop, ``migrations`` changes an older schema.
"""
