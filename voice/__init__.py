"""One call and one server: the package that joins markup, media and sip."""
