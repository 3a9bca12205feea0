"""Settings of Hugging Face: how it is reached, and what endpoints run on."""

from typing import Annotated, Literal

from msgspec import Meta

from functions.common.providers.hardware import (
    MAX_IDLE_MIN,
    MAX_REPLICAS,
    MIN_IDLE_MIN,
    Hardware,
)
from functions.common.settings import Settings

_AUTO = "auto"
_AUTO_SIZES = ("x1", "x2")


class ControlApiSettings(Settings, frozen=True, kw_only=True):
    """The address of what answers anybody; the default is the public service."""

    huggingface_api_url: Annotated[str, Meta(description="Control API of Inference Endpoints.")] = (
        "https://api.endpoints.huggingface.cloud"
    )


class HuggingFaceSettings(ControlApiSettings, frozen=True, kw_only=True):
    """Addresses and credentials of Hugging Face; the defaults are the public service."""

    huggingface_namespace: Annotated[
        str, Meta(description="User or organisation that owns the endpoints.")
    ]
    huggingface_token_secret: Annotated[
        str, Meta(description="Name of the secret that holds the token.")
    ]
    huggingface_hub_url: Annotated[
        str, Meta(description="The Hub, where model files are uploaded.")
    ] = "https://huggingface.co"
    hub_source_namespaces: Annotated[
        str,
        Meta(
            description="Owners on the Hub, with spaces between, whose private and gated "
            "repositories models may be references to; empty: only public ones."
        ),
    ] = ""
    endpoint_domain: Annotated[
        str, Meta(description="The token is sent to endpoints under this domain only.")
    ] = "endpoints.huggingface.cloud"


class HardwareSettings(Settings, frozen=True, kw_only=True):
    """Machines and containers of the endpoints.

    Which of two Pythons a new endpoint gets is published nowhere: the inference toolkit has 3.11,
    its successor 3.12. Source: https://github.com/huggingface/huggingface-inference-toolkit (0.5.6)
    and https://github.com/huggingface/hf-serve (0.1.3).
    """

    endpoint_vendor: Annotated[
        str, Meta(description="Whose cloud the endpoints run in: `aws`, `azure` or `gcp`.")
    ] = "aws"
    endpoint_region: Annotated[
        str, Meta(description="The vendor's region, as Hugging Face names it.")
    ] = "us-east-1"
    instance_type: Annotated[
        str, Meta(description="CPU instance type, as in Hugging Face's price list.")
    ] = "intel-spr"
    instance_size: Annotated[
        str,
        Meta(
            description="Its size, e.g. `x4`; `auto`: `x1` (2 GB) if a model fits, else `x2` "
            "(4 GB)."
        ),
    ] = "auto"
    endpoint_runtime: Annotated[
        Literal["container", "toolkit"],
        Meta(
            description="What runs new models: `container`, our server on the model's own Python, "
            "or `toolkit`, Hugging Face's container with our handler."
        ),
    ] = "container"
    min_replicas: Annotated[
        int,
        Meta(ge=0, le=MAX_REPLICAS, description="Replicas always kept; 0 lets the endpoint sleep."),
    ] = 1
    max_replicas: Annotated[
        int, Meta(ge=1, le=MAX_REPLICAS, description="Replicas under load; at least MIN_REPLICAS.")
    ] = 1
    scale_to_zero_after_min: Annotated[
        int,
        Meta(
            ge=MIN_IDLE_MIN,
            le=MAX_IDLE_MIN,
            description="Idle minutes before the endpoint sleeps; used when MIN_REPLICAS is 0.",
        ),
    ] = 15

    def hardware(self) -> tuple[Hardware, ...]:
        """Return the hardware of each size that an endpoint may have, smallest first."""
        sizes = _AUTO_SIZES if self.instance_size == _AUTO else (self.instance_size,)
        return tuple(
            Hardware(
                vendor=self.endpoint_vendor,
                region=self.endpoint_region,
                instance_type=self.instance_type,
                instance_size=size,
                min_replicas=self.min_replicas,
                max_replicas=self.max_replicas,
                scale_to_zero_after_min=self.scale_to_zero_after_min,
            )
            for size in sizes
        )
