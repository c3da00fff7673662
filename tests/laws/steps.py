"""Steps of a world, as plain values: what `running` plays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
from hypothesis import strategies as st

from chatcore.testing.strategies import one_line_text
from chatcore.vocabulary import SYSTEM, Actor, DeliveryStatus

__all__ = ["Step", "steps"]

_REPORTS = (
    DeliveryStatus.SENT,
    DeliveryStatus.DELIVERED,
    DeliveryStatus.READ,
    DeliveryStatus.PLAYED,
    DeliveryStatus.FAILED,
)


@attrs.frozen(slots=True)
class Step:
    """One thing that happens in a world, as a plain value.

    `pick` chooses among the things there are when it happens, so a sequence of steps fits whatever came before;
    `by` None is whoever may well do it then. `detail` belongs to the kind of step: a text, a status, a span of
    time, how a provider behaves.
    """

    what: str
    by: Actor | None = SYSTEM
    pick: int = 0
    detail: Any = None
    flag: bool = False


def steps(people: tuple[Actor, ...], moods: tuple[str, ...]) -> st.SearchStrategy[Step]:
    """One step, by one of these people, over a provider that may be in one of these moods."""
    anybody, pick, flag = st.sampled_from(people), st.integers(0, 7), st.booleans()
    who = st.none() | st.none() | anybody
    span = st.one_of(
        st.timedeltas(timedelta(0), timedelta(minutes=3)),
        st.sampled_from((timedelta(hours=1), timedelta(hours=25), timedelta(days=31))),
        st.timedeltas(timedelta(days=-2), timedelta(0)),
    )
    reason = st.sampled_from((None, "slip", "slip", "slow", "old", "nowhere"))
    return st.one_of(
        st.builds(Step, st.just("arrive"), pick=pick, detail=st.integers(0, 30), flag=flag),
        st.builds(Step, st.just("arrive"), pick=pick, detail=st.integers(0, 30), flag=flag),
        st.builds(Step, st.just("take"), who, pick, flag=flag),
        st.builds(Step, st.just("take"), who, pick),
        st.builds(Step, st.just("assign"), who, pick, anybody, flag),
        st.builds(Step, st.just("transfer"), who, pick, anybody, flag),
        st.builds(Step, st.just("reopen"), who, pick, st.none() | anybody, flag),
        st.builds(Step, st.just("move"), who, pick, st.integers(0, 5)),
        st.builds(Step, st.just("say why"), who, pick, st.sampled_from(("slip", "slow", "old", "nowhere"))),
        st.builds(Step, st.just("send"), who, pick, one_line_text(max_size=8), flag),
        st.builds(Step, st.just("send"), who, pick, one_line_text(max_size=8), flag),
        st.builds(Step, st.just("close"), who, pick, reason, flag),
        st.builds(Step, st.just("close"), pick=pick, by=st.none(), detail=st.just("slip"), flag=flag),
        st.builds(Step, st.just("start"), who, pick, st.none() | one_line_text(max_size=8), flag),
        st.builds(Step, st.sampled_from(("block", "unblock")), who, pick),
        st.builds(Step, st.just("configure"), pick=pick),
        st.builds(Step, st.just("report"), pick=pick, detail=st.sampled_from(_REPORTS), flag=flag),
        st.builds(Step, st.just("report"), pick=pick, detail=st.sampled_from(_REPORTS), flag=flag),
        st.builds(Step, st.just("pass time"), detail=span),
        st.builds(
            Step, st.just("behave"), detail=st.lists(st.sampled_from(moods), min_size=2, max_size=4).map(tuple)
        ),
        st.builds(Step, st.just("deliver"), pick=st.integers(1, 5)),
        st.builds(Step, st.just("deliver"), pick=st.integers(1, 5)),
    )
