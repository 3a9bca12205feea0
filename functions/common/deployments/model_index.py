"""The index of the table `deployed_models` that lists models by name.

Its partition key is the table's sort key and the reverse, so all items `target`, of which every
model that was ever requested has one, are one partition in the order of names, and so are all
items `live`. It knows little of them: whatever it knows costs a second write with every change.
"""

NAME = "models"
ATTRIBUTES = ("deployment_id", "model_version", "requested_at", "status", "updated_at")
"""Beside the keys."""
