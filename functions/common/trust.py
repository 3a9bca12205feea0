"""The authorities that every TLS connection of a function trusts."""

import os
import ssl
from functools import cache

import certifi


@cache
def system_trust() -> ssl.SSLContext:
    """Return the authorities of Mozilla's list, or of the file that `SSL_CERT_FILE` names.

    Read when first needed, and once: reading the list takes 20 ms of CPU.
    """
    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    return context
