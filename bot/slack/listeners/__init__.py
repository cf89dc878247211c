"""One function per event or command; each parses, calls one thing, replies."""
