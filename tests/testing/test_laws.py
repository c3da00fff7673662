"""The laws notice what breaks them; what a storage keeps can be learnt through its port."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from chatcore import Close, SendMessage, Situation, Take
from chatcore.entities import Conversation, Effect, Message
from chatcore.memory import Contents
from chatcore.testing import World
from chatcore.testing.laws import assert_laws, contents_of
from chatcore.vocabulary import CommandId, ContactId, ConversationId


@pytest.fixture
def contents() -> Contents:
    """A day: two customers write, one is served and said goodbye to."""
    with World() as world:
        ana = world.agent("ana")
        maria, _ = world.customer("Maria").writes(), world.customer("João").writes()
        world.given(Take(maria), SendMessage(maria, "Bom dia!"), Close(maria, "slow"), by=ana)
        world.given(Take(world.customer("Rita").writes()), by=ana)
        world.run_workers()
        return world.storage.contents()


def test_what_is_kept_is_learnt_through_the_port(contents: Contents) -> None:
    """All but expiring claims and the receipts of what changed nothing, which no port tells."""
    with World() as world:
        ana = world.agent("ana")
        world.given(Take(world.customer("Maria").writes()), by=ana)
        storage = world.storage
        whole, told = storage.contents(), contents_of(storage)
    assert told == attrs.evolve(whole, expiring={})
    assert_laws(told)
    assert_laws(contents)


def _one(contents: Contents, kind: type, **wanted: object) -> Any:
    return next(
        state
        for state in contents.states.values()
        if isinstance(state, kind) and all(getattr(state, name) == value for name, value in wanted.items())
    )


def _other_state(contents: Contents) -> Contents:
    state = _one(contents, Conversation, situation=Situation.OPEN)
    return attrs.evolve(contents, states={**contents.states, state.id: attrs.evolve(state, version=9)})


def _lost_event(contents: Contents) -> Contents:
    ref = _one(contents, Conversation, situation=Situation.OPEN).id
    return attrs.evolve(contents, streams={**contents.streams, ref: contents.streams[ref][:-1]})


def _doubled_event(contents: Contents) -> Contents:
    ref = _one(contents, Conversation, situation=Situation.OPEN).id
    stream = contents.streams[ref]
    return attrs.evolve(contents, streams={**contents.streams, ref: (*stream, stream[-1])})


def _lost(kind: type) -> Callable[[Contents], Contents]:
    def lost(contents: Contents) -> Contents:
        ref = _one(contents, kind).id
        states = {each: state for each, state in contents.states.items() if each != ref}
        streams = {each: stream for each, stream in contents.streams.items() if each != ref}
        return attrs.evolve(contents, states=states, streams=streams)

    return lost


def _lost_receipt(contents: Contents) -> Contents:
    receipts = dict(contents.receipts)
    del receipts[next(id for id, receipt in receipts.items() if receipt.outcome.changed)]
    return attrs.evolve(contents, receipts=receipts)


def _foreign_receipt(contents: Contents) -> Contents:
    receipt = next(each for each in contents.receipts.values() if each.outcome.changed)
    other = CommandId("cm_other")
    return attrs.evolve(contents, receipts={**contents.receipts, other: attrs.evolve(receipt, command=other)})


def _lost_claim(contents: Contents) -> Contents:
    claims = dict(contents.claims)
    claims.popitem()
    return attrs.evolve(contents, claims=claims)


def _claim_of_another(contents: Contents) -> Contents:
    key = next(iter(contents.claims))
    return attrs.evolve(contents, claims={**contents.claims, key: ContactId("ct_other")})


def _claim_left_behind(contents: Contents) -> Contents:
    return attrs.evolve(contents, claims={**contents.claims, "live:x": ConversationId("cv_other")})


def _tally_off(contents: Contents) -> Contents:
    return attrs.evolve(contents, tallies={key: count + 1 for key, count in contents.tallies.items()})


def _sealed(contents: Contents) -> Contents:
    return attrs.evolve(contents, sealed=contents.sealed | {"open:ana"})


@pytest.mark.parametrize(
    "broken",
    [
        _other_state,
        _lost_event,
        _doubled_event,
        _lost(Message),
        _lost(Effect),
        _lost_receipt,
        _foreign_receipt,
        _lost_claim,
        _claim_of_another,
        _claim_left_behind,
        _tally_off,
        _sealed,
    ],
    ids="state event doubled message effect receipt receipts claim owner left tally seal".split(),
)
def test_what_breaks_a_law_is_noticed(contents: Contents, broken: Callable[[Contents], Contents]) -> None:
    """Whatever a storage loses, doubles or makes up, one of the laws says so."""
    with pytest.raises(AssertionError):
        assert_laws(broken(contents))
