"""Tests of the benches' arithmetic."""
