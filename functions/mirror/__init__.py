"""Sends copies of calls to a candidate and compares its answers with the live deployment's."""
