"""Customers and contracts: every check, the light of a contract, and what is kept out of sight."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import attrs
import pytest

from chatcore.entities import Contract, Customer, Found
from chatcore.errors import InvalidValue
from chatcore.limits import CUSTOMERS, ID_LENGTH, LABEL_LENGTH, LINK_LENGTH, NAME_LENGTH
from chatcore.vocabulary import ContractStatus, Light, Private
from tests.given import NOW, contract

S = ContractStatus
NAME = Private("Maria Souza")
LINK = "https://erp.example/contracts/1"
NAIVE, ELSEWHERE = datetime(2026, 3, 10, 12), NOW.astimezone(timezone(timedelta(hours=-3)))


def customer(**changes: Any) -> Customer:
    return Customer(**{"id": "c1", "name": NAME, **changes})


def problems(make: Any, *args: Any, **values: Any) -> list[tuple[str, str, str | None]]:
    """The paths, codes and rules that a value is refused with."""
    with pytest.raises(InvalidValue) as caught:
        make(*args, **values)
    return [(problem.path, problem.code, problem.rule) for problem in caught.value.problems]


# --- customers -----------------------------------------------------------------------------------------------

CUSTOMER_MISFITS: list[tuple[dict[str, Any], list[tuple[str, str, str | None]]]] = [
    *(({"id": id}, [("id", "not_an_id", None)]) for id in ("", None, 5, "a\nb", b"c1")),
    ({"id": "x" * (ID_LENGTH + 1)}, [("id", "too_long", None)]),
    *(({"name": name}, [("name", "not_private", "B2")]) for name in (None, "Maria", 5)),
    *(
        ({field: Private(text)}, [(field, "wrong_length", "B2")])
        for field in ("name", "document")
        for text in ("", "x" * (NAME_LENGTH + 1))
    ),
    *(({"document": text}, [("document", "not_private", "B2")]) for text in ("123", 5)),
    (
        {"id": "", "name": None, "document": ""},
        [("id", "not_an_id", None), ("name", "not_private", "B2"), ("document", "not_private", "B2")],
    ),
]


@pytest.mark.parametrize(("values", "expected"), CUSTOMER_MISFITS, ids=range(len(CUSTOMER_MISFITS)))
def test_a_customer_says_all_that_does_not_fit(
    values: dict[str, Any], expected: list[tuple[str, str, str | None]]
) -> None:
    """Each misfit at its path, all of them at once. Rule: B2, B10 (ids are texts)."""
    assert problems(customer, **values) == expected


def test_a_customer_may_be_as_long_as_the_limits_say() -> None:
    """The limits themselves fit, and a document may be missing. Rule: B2."""
    longest = customer(id="x" * ID_LENGTH, name=Private("n" * NAME_LENGTH), document=Private("d" * NAME_LENGTH))
    assert (len(longest.id), len(longest.name.reveal())) == (ID_LENGTH, NAME_LENGTH)
    assert customer().document is None


def test_who_a_customer_is_stays_out_of_sight() -> None:
    """Neither id, name nor document shows where a customer is printed. Rule: B2."""
    shown = repr(customer(id="987654321", document=Private("529.982.247-25")))
    assert not any(secret in shown for secret in ("987654321", "Maria", "529"))


# --- what a look-up brings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("several", [None, [customer()], ("c1",), (customer(), None), customer()])
def test_what_a_look_up_brings_is_customers(several: Any) -> None:
    """Nothing but a tuple of customers. Rule: B2."""
    assert problems(Found, several) == [("customers", "not_customers", "B2")]


def test_a_look_up_brings_so_many_customers_at_most() -> None:
    """Nobody, one, or as many as the limit says; not one more. Rule: B2."""
    each = [customer(id=f"c{n}") for n in range(CUSTOMERS + 1)]
    for size in (0, 1, CUSTOMERS):
        assert len(Found(tuple(each[:size])).customers) == size
    assert problems(Found, tuple(each)) == [("customers", "not_customers", "B2")]


# --- contracts -----------------------------------------------------------------------------------------------

CONTRACT_MISFITS: list[tuple[dict[str, Any], list[tuple[str, str, str | None]]]] = [
    *(({field: id}, [(field, "not_an_id", None)]) for field in ("id", "customer") for id in ("", None, 7)),
    *(({"status": status}, [("status", "not_a_status", "B1")]) for status in (None, "active", Light.GREEN)),
    *(({"access": access}, [("access", "not_a_status", "B1")]) for access in ("active", 1, Light.GREEN)),
    *(({"as_of": moment}, [("as_of", "not_utc", "B1")]) for moment in (None, NAIVE, ELSEWHERE, "now")),
    ({"plan": ""}, [("plan", "empty", None)]),
    ({"plan": "x" * (LABEL_LENGTH + 1)}, [("plan", "too_long", "C2")]),
    *(
        ({"link": link}, [("link", "not_a_link", "S5")])
        for link in (
            "",
            "erp.example/1",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "HTTPS://erp.example",
            "https://",
            "https://erp.example/a b",
            "https://erp.example/\n",
            "https://erp.example/ç",
            "https://" + "x" * LINK_LENGTH,
            5,
        )
    ),
    (
        {"id": "", "customer": "", "status": None, "access": "x", "as_of": NAIVE, "link": ""},
        [
            ("id", "not_an_id", None),
            ("customer", "not_an_id", None),
            ("status", "not_a_status", "B1"),
            ("access", "not_a_status", "B1"),
            ("as_of", "not_utc", "B1"),
            ("link", "not_a_link", "S5"),
        ],
    ),
]


@pytest.mark.parametrize(("values", "expected"), CONTRACT_MISFITS, ids=range(len(CONTRACT_MISFITS)))
def test_a_contract_says_all_that_does_not_fit(
    values: dict[str, Any], expected: list[tuple[str, str, str | None]]
) -> None:
    """Each misfit at its path, all of them at once. Rule: S5, S9, B1, B10."""
    said = problems(contract, **values)
    assert [each[:2] for each in said] == [each[:2] for each in expected]
    assert {rule for _, _, rule in said} >= {rule for _, _, rule in expected if rule not in (None, "C2")}


@pytest.mark.parametrize("link", [LINK, "http://10.0.0.1:8080/?c=1#x", "https://" + "x" * (LINK_LENGTH - 8)])
def test_a_contract_links_to_its_page(link: str) -> None:
    """An http or https link as long as the limit is kept as it came; it is not printed. Rule: S5."""
    there = contract(link=link)
    assert there.link == link
    assert link not in repr(there)


# What shows beside the name, by the status of the contract (rows) and of its access (columns; "-": not told).
LIGHTS = """
          | -     | active | suspended | blocked | cancelled | pending | unknown
active    | green | green  | red       | red     | grey      | grey    | grey
suspended | red   | red    | red       | red     | red       | red     | red
blocked   | red   | red    | red       | red     | red       | red     | red
cancelled | grey  | grey   | grey      | grey    | grey      | grey    | grey
pending   | grey  | grey   | red       | red     | grey      | grey    | grey
unknown   | grey  | grey   | red       | red     | grey      | grey    | grey
"""


def lights() -> list[tuple[str, str, str]]:
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in LIGHTS.strip("\n").splitlines()]
    return [(row[0], access, light) for row in rows for access, light in zip(head[1:], row[1:], strict=True)]


@pytest.mark.parametrize(("status", "access", "light"), lights())
def test_each_pair_of_statuses_has_its_light(status: str, access: str, light: str) -> None:
    """Green where all is active, red where something is halted, grey otherwise; an ended one is grey.

    Rule: S5, B1.
    """
    told = None if access == "-" else S(access)
    assert contract(status=S(status), access=told).light is Light(light)


def test_the_table_of_lights_is_complete() -> None:
    """Every status of a contract meets every status of its access, and no telling. Rule: B1."""
    assert {(status, access) for status, access, _ in lights()} == {
        (status, access) for status in S for access in (*S, "-")
    }
    assert len(lights()) == 42


def test_contracts_are_values() -> None:
    """Equal where all is equal; each reading says of when it is; nothing in them changes. Rule: B1."""
    there = contract(plan="Fibra 500", link=LINK)
    assert there == contract(plan="Fibra 500", link=LINK)
    assert there != contract(plan="Fibra 500", link=LINK, as_of=NOW + timedelta(seconds=1))
    assert hash(there) == hash(contract(plan="Fibra 500", link=LINK))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        there.status = S.BLOCKED  # type: ignore[misc]


def test_whose_a_contract_is_stays_out_of_sight() -> None:
    """The customer's id does not show where a contract is printed. Rule: B2."""
    assert "987654321" not in repr(contract(customer="987654321"))


def test_a_contract_needs_a_status_and_a_moment() -> None:
    """Neither has a default: a light without a reading would say what nobody read. Rule: B1."""
    fields = {field.name: field for field in attrs.fields(Contract)}
    assert fields["status"].default is attrs.NOTHING
    assert fields["as_of"].default is attrs.NOTHING
