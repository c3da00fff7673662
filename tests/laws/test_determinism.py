"""Deciding is a function: the same twice, and the same bytes on every hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatcore.entities import Nature
from chatcore.errors import ChatcoreError
from chatcore.fingerprint import canonical, fingerprint
from chatcore.rules import table
from chatcore.testing.strategies import actors, commands, conversations, workspaces
from chatcore.vocabulary import Actor
from tests.laws.providers import MOODS, NATURES
from tests.laws.running import CONFIGURATIONS, Run, errands, sequences
from tests.laws.steps import Step
from tests.worlds import ANA, BETO, BOT, CARLA, SUPERVISOR, World

ROOT = Path(__file__).parents[2]

DAY = """
import hashlib
from datetime import timedelta

from chatcore.commands import *
from chatcore.entities import Bonus, MediaPointer, ReportsByKey
from chatcore.errors import ChatcoreError
from chatcore.fingerprint import canonical, fingerprint
from chatcore.vocabulary import SYSTEM, BoletoForm, DeliveryStatus, MessageKind, Situation
from tests.laws.running import CATALOGUE, CONFIGURATIONS, NOTHING_TIMED, Run
from tests.worlds import ADMIN, ANA, BETO, CARLA, PICTURE, SUPERVISOR, World

run = Run(ReportsByKey(), CONFIGURATIONS[8])
world = World(CONFIGURATIONS[8], contracts=run.contracts, billing=run.billing, delivery="inline")
prints = []

def do(command, by=SYSTEM):
    prints.append(fingerprint(command, by, secret=b"k"))
    try:
        return world.do(command, by, key=f"key-{len(prints)}")
    except ChatcoreError as error:
        prints.append(repr(error))

for number in range(6):
    channel = "wa" if number % 2 else "bot"
    do(world.arrival(f"mensagem {number} 😀", phone=f"551198765432{number}", channel=channel))
    world.pass_time(timedelta(minutes=7))
conversations = [ref for ref in world.contents().states if ref.startswith("cv_") and "." not in ref]
contacts = [ref for ref in world.contents().states if ref.startswith("ct_")]
for n, conversation in enumerate(conversations):
    do(Take(conversation), (ANA, BETO, CARLA)[n % 3])
    do(Assign(conversation, "beto", over_capacity=True), SUPERVISOR)
    do(AddTags(conversation, ("vip", "fibre", "adsl", "nowhere")[: n % 4 + 1]), SUPERVISOR)
    do(RemoveTags(conversation, ("vip",)), SUPERVISOR)
    do(SetFields(conversation, {"plan": "500M", "cause": "raio", "since": True}), SUPERVISOR)
    do(SetFields(conversation, {"plan": "500M", "cause": "raio"}), SUPERVISOR)
    do(AddNote(conversation, "Ligar antes"), SUPERVISOR)
    do(SendMessage(conversation, "Olá!\\nSegue."), BETO)
    do(SendQuickReply(conversation, "map"), SUPERVISOR)
    do(SendMedia(conversation, PICTURE, "Veja"), SUPERVISOR)
    do(SendTemplate(conversation, "notice", ("10/03",)), SUPERVISOR)
    do(PinContract(conversation, "k-1"), SUPERVISOR)
    do(SendBoletos(conversation, ("b-1", "b-2"), forms=(BoletoForm.PIX, BoletoForm.DOCUMENT)), SUPERVISOR)
    do(SendInvoices(conversation, ("n-1",)), SUPERVISOR)
    run.billing.moods = ["raises, done"]
    do(GrantBonus(conversation, "k-1", Bonus.amount("10"), "Ficou sem sinal"), SUPERVISOR)
    done = do(OpenServiceOrder(conversation, "visit", "Sem sinal", "Desde ontem", transcript=True), SUPERVISOR)
    if done is not None:
        do(Withdraw(done.effects[0]), SUPERVISOR)
    edit = EditConversation(conversation, department="support", reason="slow", situation=Situation.QUEUE)
    do(edit, SUPERVISOR)
    do(Close(conversation, "slip"), SUPERVISOR)
    do(world.arrival("mais", phone=f"551198765432{n}", channel="wa" if n % 2 else "bot"))
about = {"channel": "wa", "address": "5511987654321", "sent_at": world.now}
do(ReceiveMessage(
    **about, provider_id="photo", kind=MessageKind.IMAGE, media=MediaPointer(reference="m"), reply_to="in-1"
))
for n, emoji in enumerate(("👍", "❤️", None)):
    do(RecordReaction(**about, provider_id=f"mark-{n}", target="photo", emoji=emoji))
do(RecordEdit(**about, provider_id="mark-4", target="photo", text="quer dizer"))
do(RecordRevocation(**about, provider_id="mark-5", target="photo"))
do(RecordEcho(**about, provider_id="phone-1", text="Do celular"))
for contact, other in zip(contacts, contacts[1:]):
    do(EditContact(contact, name="Maria", opted_out=True, fields={"cpf": "1"}), ANA)
    do(LinkCustomer(contact, "c-1"), ANA)
    do(UnlinkCustomer(contact), ANA)
    do(BlockContact(contact, "spam"), ANA)
    do(UnblockContact(contact), SUPERVISOR)
do(MergeContacts(contacts[1], contacts[3]), SUPERVISOR)
do(StartConversation("bot", address="+5511987654321", text="Oi"), SUPERVISOR)
do(world.report(DeliveryStatus.READ, "out-1"))
do(world.report(DeliveryStatus.FAILED, "out-99", failure="131026"))
for command in CATALOGUE:
    do(command, ADMIN)
do(Configure(CONFIGURATIONS[8]))
world.pass_time(timedelta(hours=5))
world.desk.run_due()
for key, reference in (*run.billing.reports(), *run.contracts.reports()):
    do(RecordResult(effect=key, applied=True, reference=reference))
do(SetPolicies(NOTHING_TIMED))
world.until_quiet()
contents = world.contents()
events = [canonical(envelope) for stream in contents.streams.values() for envelope in stream]
kinds = {type(envelope.event).__name__ for stream in contents.streams.values() for envelope in stream}
assert len(kinds) >= 42, sorted(kinds)
print(len(events), hashlib.sha256(b"".join(events)).hexdigest())
print(hashlib.sha256(repr(prints).encode()).hexdigest())
print(hashlib.sha256(canonical(tuple(contents.states.values()))).hexdigest())
print(hashlib.sha256(repr((sorted(contents.claims.items()), contents.receipts)).encode()).hexdigest())
"""
"""A day with fixed ids and a fixed clock; it prints digests of its events, prints, states and claims."""


def test_events_are_the_same_bytes_on_every_hash_seed() -> None:
    """Law: events and fingerprints are equal bytes across PYTHONHASHSEED 0, 1 and 2."""
    children = [
        subprocess.Popen(
            [sys.executable, "-c", DAY],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in "012"
    ]
    printed = [child.communicate() for child in children]
    assert [child.returncode for child in children] == [0, 0, 0], printed
    digests = [out.split() for out, _ in printed]
    assert digests[0] == digests[1] == digests[2]
    assert int(digests[0][0]) > 50


def test_a_hash_seed_would_be_seen() -> None:
    """The children do differ where something depends on the seed."""
    script = "print([*{str(n) for n in range(50)}])"
    runs = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        for seed in "012"
    ]
    assert len({run.stdout for run in runs}) == 3


def _decided(command: Any, facts: Any) -> Any:
    try:
        return table.decide(command, facts)
    except ChatcoreError as error:
        return type(error), vars(error), str(error)


@pytest.fixture
def twice(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Have every decision made twice more, and compare."""
    made: list[str] = []
    real = table.decide

    def decide(command: Any, facts: Any, **expected: Any) -> Any:
        first, second = _decided(command, facts), _decided(command, facts)
        assert first == second
        if isinstance(first[0] if first else (), type):
            made.append("refused")
        else:
            assert canonical(first) == canonical(second)
            made.append(type(command).__name__)
        return real(command, facts, **expected)

    World()  # The engine is loaded with the first desk.
    for name, module in list(sys.modules.items()):
        if name.startswith("chatcore.") and module is not table and getattr(module, "decide", None) is real:
            monkeypatch.setattr(module, "decide", decide)
    yield made
    assert made, "no decision was seen"


def test_deciding_twice_gives_equal_results(twice: list[str]) -> None:
    """Law: decide run twice over the same facts gives equal results, refusals included."""

    @settings(max_examples=30)
    @given(nature=st.sampled_from(NATURES), steps=sequences((ANA, BETO, CARLA, SUPERVISOR, BOT), MOODS))
    def law(nature: Nature, steps: list[Step]) -> None:
        Run(nature, waiting=3).go(steps)

    @settings(max_examples=30)
    @given(nature=st.sampled_from(NATURES), steps=errands((BETO, SUPERVISOR, BOT), MOODS))
    def law_of_errands(nature: Nature, steps: list[Step]) -> None:
        run = Run(nature, CONFIGURATIONS[4])
        run.serve()
        run.go(steps)

    law()
    law_of_errands()
    Run(NATURES[0], waiting=1).go([Step("take", BETO), Step("take", SUPERVISOR)])
    run = Run(NATURES[0], CONFIGURATIONS[4])
    run.serve()
    run.go([Step("grant", None, detail=0), Step("send boletos", None, detail=0)])
    assert {"ReceiveMessage", "Take", "GrantBonus", "SendBoletos", "refused"} <= set(twice)


@settings(max_examples=50)
@given(command=commands(), by=actors())
def test_a_command_has_one_fingerprint(command: Any, by: Actor) -> None:
    """Law: equal commands by the same actor have equal fingerprints, whatever built them."""
    again = type(command)(**{a.name: getattr(command, a.name) for a in type(command).__attrs_attrs__})
    assert again == command
    assert hash(again) == hash(command)
    assert fingerprint(again, by, secret=b"k") == fingerprint(command, by, secret=b"k")
    assert canonical(again) == canonical(command)


@settings(max_examples=50)
@given(first=commands(), second=commands(), by=actors(), other=actors())
def test_different_commands_have_different_fingerprints(
    first: Any, second: Any, by: Actor, other: Actor
) -> None:
    """Law: a fingerprint tells commands and actors apart, and needs its secret."""
    assert (fingerprint(first, by) == fingerprint(second, by)) is (first == second)
    assert (fingerprint(first, by) == fingerprint(first, other)) is (by == other)
    assert fingerprint(first, by, secret=b"a") != fingerprint(first, by, secret=b"b")


@settings(max_examples=40)
@given(value=st.one_of(conversations(), workspaces()))
def test_a_state_has_one_canonical_form(value: Any) -> None:
    """Law: the canonical bytes of a state are the same each time, and in ASCII."""
    assert canonical(value) == canonical(value)
    assert canonical(value).isascii()
