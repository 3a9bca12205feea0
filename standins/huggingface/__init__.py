"""A stand-in of Hugging Face for this machine: Hub, Inference Endpoints, and models served.

`python -m standins.huggingface --port 0 --state DIR`; see README.md.
"""
