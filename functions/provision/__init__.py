"""The workflow that brings a version of a model up and puts it behind its API."""
