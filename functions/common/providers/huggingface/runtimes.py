"""Names of the runtimes, as on record (see `PackageRecord`); `HUB_RUNTIME` is the third."""

CONTAINER = "container"
"""An image with the model's own Python, which serves with our server."""
TOOLKIT = "toolkit"
"""Hugging Face's default container, which serves with our handler."""
TOOLKIT_PYTHON = "3.11"
"""The minor version of its Python.

Source: https://github.com/huggingface/huggingface-inference-toolkit, dockerfiles of version 0.5.6.
"""
