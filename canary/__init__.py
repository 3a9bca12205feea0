"""Tries on the real Hugging Face what no document says, and what the product relies on."""
