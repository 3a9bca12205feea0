"""Replays models' input examples through the API, every five minutes."""
