"""Tests of counting what endpoints cost."""
