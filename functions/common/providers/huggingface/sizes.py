"""Virtual CPUs of the instance sizes.

Source: https://huggingface.co/docs/inference-endpoints/support/pricing
"""

VCPUS = {"x1": 1, "x2": 2, "x4": 4, "x8": 8, "x16": 16}
"""By size, smallest first; each virtual CPU comes with 2 GB of memory."""
GB_PER_VCPU = 2.0


def vcpus(size: str) -> int:
    """Return the virtual CPUs of an instance of *size*; 1 for a size that is not documented."""
    return VCPUS.get(size, 1)
