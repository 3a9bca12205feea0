"""Tests of `make doctor`: one for each thing that can be wrong."""
