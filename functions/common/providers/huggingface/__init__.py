"""Hugging Face Inference Endpoints behind the provider ports."""
