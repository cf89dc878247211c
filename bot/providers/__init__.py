"""Implementations of the ports; the only place where vendors are imported."""
