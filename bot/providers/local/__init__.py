"""Providers that need no key, server or network."""
