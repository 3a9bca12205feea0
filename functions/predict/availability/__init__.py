"""Whether a call may go to a model's endpoint now, by what all execution environments know of it.

`condition` says what is known and what follows from it, `conditions` where it is shared, `gate`
lets calls through or holds them back, and `calls` makes them, with retries.
"""
