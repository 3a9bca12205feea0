"""Comparing models' answers within a tolerance."""
