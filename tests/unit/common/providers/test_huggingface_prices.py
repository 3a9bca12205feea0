"""Instances and prices from Hugging Face's API, or else from its documentation."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from functions.common.providers.huggingface.prices import (
    MAX_AGE_S,
    RETRY_AFTER_S,
    HuggingFacePriceList,
    documented_offers,
)
from standins.huggingface import catalogue
from tests.fakes.price_list import FakePriceList, an_offer


def a_compute(**changes: Any) -> dict[str, Any]:
    """Return the default instance, as the provider describes it."""
    return {
        "id": "aws-us-east-1-intel-spr-x2",
        "accelerator": "cpu",
        "numAccelerators": 2,
        "memoryGb": 4,
        "gpuMemoryGb": None,
        "instanceType": "intel-spr",
        "instanceSize": "x2",
        "status": "available",
        "pricePerHour": 0.07,
        "quota": {"maxAccelerators": 60, "usedAccelerators": 0},
        **changes,
    }


def a_document(
    *computes: Any, vendor: str | None = "available", region: str | None = "available"
) -> Any:
    """Return an answer with these instances in one region."""
    place = {"name": "us-east-1", "status": region, "computes": list(computes)}
    return {"vendors": [{"name": "aws", "status": vendor, "regions": [place]}]}


class Api:
    """Gives `answers` one after another, the last one repeatedly."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def a_list(api: Callable[[httpx.Request], httpx.Response], clock: Clock) -> HuggingFacePriceList:
    return HuggingFacePriceList(
        api_url="https://api.test/",
        namespace="acme",
        token=lambda: "hf_test",
        client=httpx.Client(transport=httpx.MockTransport(api)),
        now_s=clock,
    )


def offers_of(document: Any) -> Any:
    return a_list(Api(document), Clock()).offers()


def test_an_instance_is_offered_at_its_current_price() -> None:
    """The request names the namespace and has its token."""
    api = Api(a_document(a_compute()))

    assert (an_offer(price_usd_per_hour=0.07),) == a_list(api, Clock()).offers()
    assert ["https://api.test/v2/provider/acme"] == [str(each.url) for each in api.requests]
    assert "Bearer hf_test" == api.requests[0].headers["Authorization"]


def test_the_public_list_takes_no_token() -> None:
    """Its quotas of 0 are placeholders."""
    api = Api(a_document(a_compute(quota={"maxAccelerators": 0, "usedAccelerators": 0})))
    client = httpx.Client(transport=httpx.MockTransport(api))
    public = HuggingFacePriceList(api_url="https://api.test", client=client)

    assert (an_offer(price_usd_per_hour=0.07),) == public.offers()
    assert ["https://api.test/v2/provider"] == [str(each.url) for each in api.requests]
    assert "Authorization" not in api.requests[0].headers


@pytest.mark.parametrize(
    ("status", "available", "deprecated"),
    [
        ("available", True, False),
        ("low_availability", True, False),
        ("reserved", True, False),
        ("not_available", False, False),
        ("deprecated", True, True),
        (None, True, False),
    ],
)
@pytest.mark.parametrize("where", ["compute", "vendor", "region"])
def test_an_instance_is_available_by_its_status(
    status: str | None, available: bool, deprecated: bool, where: str
) -> None:
    """Its own, or that of its region."""
    document: Any = {
        "compute": lambda: a_document(a_compute(status=status)),
        "vendor": lambda: a_document(a_compute(), vendor=status),
        "region": lambda: a_document(a_compute(), region=status),
    }[where]()

    (offer,) = offers_of(document)

    assert (available, deprecated) == (offer.available, offer.deprecated)


@pytest.mark.parametrize(
    ("quota", "available"),
    [
        ({"maxAccelerators": 60, "usedAccelerators": 58}, True),
        ({"maxAccelerators": 60, "usedAccelerators": 59}, False),
        ({"maxAccelerators": 0, "usedAccelerators": 0}, True),
        ({}, True),
        (None, True),
    ],
)
def test_a_quota_must_have_room_for_a_replica(quota: Any, available: bool) -> None:
    """A missing quota, or one of zero, does not limit."""
    (offer,) = offers_of(a_document(a_compute(quota=quota)))

    assert available == offer.available


@pytest.mark.parametrize(
    "compute",
    [
        a_compute(accelerator="gpu"),
        a_compute(memoryGb=None),
        a_compute(pricePerHour="a lot"),
        a_compute(instanceType=None),
        "x2",
    ],
)
def test_incomplete_and_gpu_instances_are_left_out(compute: Any) -> None:
    """The others are still offered."""
    assert ["x4"] == [
        each.instance_size for each in offers_of(a_document(compute, a_compute(instanceSize="x4")))
    ]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectTimeout("no answer"),
        httpx.Response(200, text="<html>"),
        httpx.Response(307, headers={"Location": "https://elsewhere.test"}),
        httpx.Response(401, json={"error": "Invalid token"}),
        httpx.Response(503),
        [],
        {"vendors": None},
        {"vendors": [{"name": "aws"}, {"regions": []}, "gcp"]},
        a_document(),
    ],
    ids=str,
)
def test_without_an_answer_the_documented_prices_apply(
    answer: Any, logged: Callable[[], str]
) -> None:
    """A log line says so, without the token."""
    assert documented_offers() == offers_of(answer)
    assert "price_list.unavailable" in logged()
    assert "hf_test" not in logged()


def test_an_answer_is_cached_for_an_hour() -> None:
    """Then it is requested again."""
    api, clock = Api(a_document(a_compute()), a_document(a_compute(pricePerHour=0.08))), Clock()
    prices = a_list(api, clock)

    def price() -> float:
        return prices.offers()[0].price_usd_per_hour

    assert 0.07 == price()
    clock.now_s += MAX_AGE_S - 1
    assert 0.07 == price()
    clock.now_s += 1
    assert 0.08 == price()
    assert 2 == len(api.requests)


def test_the_last_answer_applies_until_there_is_another() -> None:
    """A provider that is down is asked once a minute, not for every deployment."""
    fault = httpx.Response(503)
    api, clock = Api(a_document(a_compute()), fault, a_document(a_compute(memoryGb=8))), Clock()
    prices = a_list(api, clock)
    first = prices.offers()

    clock.now_s += MAX_AGE_S
    assert first == prices.offers() == prices.offers()
    assert 2 == len(api.requests)
    clock.now_s += RETRY_AFTER_S
    assert 8.0 == prices.offers()[0].memory_gb


def test_the_documented_prices_are_those_of_the_stand_in() -> None:
    """Both come from the same page; the stand-in has fewer regions."""
    offers = offers_of(catalogue.providers({}))

    assert 0.067 == next(
        each.price_usd_per_hour
        for each in offers
        if each.vendor == "aws" and each.instance_size == "x2" and not each.deprecated
    )
    assert set(offers) <= set(documented_offers())


def test_the_fake_offers_its_offers() -> None:
    """Or the default instance."""
    assert (an_offer(),) == FakePriceList().offers()
    assert (an_offer(available=False),) == FakePriceList(an_offer(available=False)).offers()
