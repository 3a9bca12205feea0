"""Copies of answered calls, sent to be compared with a candidate's answers."""
