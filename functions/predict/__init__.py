"""The prediction API: who calls (`authorizer`) and what they get (`handler`)."""
