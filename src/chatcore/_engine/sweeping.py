"""Inner work, in bounded steps: find the conversations whose time has come; do with each what its rule says.

A step that is interrupted anywhere is taken again: what it did is done, and each conversation is looked at once
more before anything happens to it. One that cannot be handled does not stand in the way of the others, up to a
thousand of them: a step looks at no more.
"""

from __future__ import annotations

from datetime import timedelta

from chatcore._engine.body import Engine
from chatcore.commands import CloseIdle, Command, Finding, FindingKind, ReleaseConversation, TimeOutBot
from chatcore.entities import Effect
from chatcore.errors import ChatcoreError
from chatcore.limits import LONGEST_SWEEP_PAUSE, SWEEP_LOOKS, SWEEP_RETRY, SWEEP_ROWS
from chatcore.rules.timing import bot_still_since
from chatcore.search import ConversationQuery, Order
from chatcore.vocabulary import SYSTEM, EffectKind, Situation

__all__ = ["sweep"]


async def sweep(engine: Engine, effect: Effect) -> tuple[int, Finding]:
    """One step of inner work: how many conversations it handled, and what comes next."""
    workspace = await engine.reads.workspace()
    if effect.kind is EffectKind.RELEASE_AGENT:
        return await _release(engine, effect)
    policies, handled = workspace.policies, 0
    queries: tuple[ConversationQuery, ...]
    if effect.kind is EffectKind.TIME_OUT_BOT:
        patience = policies.bot_timeout
        queries = (ConversationQuery(situation=Situation.BOT, order=Order.OPENED),)
    else:
        patience = policies.close_after_idle
        waiting = False if policies.idle_spares_waiting else None
        queries = tuple(
            ConversationQuery(situation=situation, order=Order.IDLE, waiting=waiting)
            for situation in (Situation.OPEN, Situation.QUEUE)
        )
    if patience is None:
        return 0, Finding(kind=FindingKind.DONE)
    wait = patience
    for query in queries:
        more, rest = await _still(engine, effect, query, patience)
        handled, wait = handled + more, min(wait, rest)
    return handled, _again(min(wait, LONGEST_SWEEP_PAUSE))


async def _release(engine: Engine, effect: Effect) -> tuple[int, Finding]:
    agent = engine.reads.held.agent(effect.agent) if effect.agent is not None else None
    if effect.agent is None or (agent is not None and agent.active):
        return 0, Finding(kind=FindingKind.DONE)
    query = ConversationQuery(situation=Situation.OPEN, assignee=effect.agent)
    handled, looked, stuck, cursor = 0, 0, False, None
    while handled < SWEEP_ROWS and looked < SWEEP_LOOKS:
        page = await engine.storage.conversations(query, SWEEP_ROWS, cursor)
        looked += len(page.rows)
        for row in page.rows:
            done = await _done(engine, ReleaseConversation(row.id, effect.agent), effect)
            handled, stuck = handled + done, stuck or not done
        cursor = page.next
        if cursor is None:
            break
    if not handled and not stuck:
        return 0, Finding(kind=FindingKind.DONE)
    return handled, _again(timedelta(0) if handled else SWEEP_RETRY)


async def _still(
    engine: Engine, effect: Effect, query: ConversationQuery, patience: timedelta
) -> tuple[int, timedelta]:
    """Handle what has been still for that long; how many, and how long until the next one is.

    Idle ones come longest first, so the first that is not due ends the search. Still bots do not: customers
    write to them meanwhile.
    """
    now, handled, looked, cursor = engine.now(), 0, 0, None
    idle, rest = effect.kind is EffectKind.CLOSE_IDLE, patience
    while looked < SWEEP_LOOKS and handled < SWEEP_ROWS:
        page = await engine.storage.conversations(query, SWEEP_ROWS, cursor)
        for row in page.rows:
            looked += 1
            left = (row.recorded_at if idle else bot_still_since(row)) + patience - now
            if left > timedelta(0):
                rest = min(rest, left)
                if idle:
                    return handled, rest
                continue
            done = await _done(engine, CloseIdle(row.id) if idle else TimeOutBot(row.id), effect)
            handled += done
            rest = rest if done else min(rest, SWEEP_RETRY)
        cursor = page.next
        if cursor is None:
            return handled, rest
    return handled, timedelta(0) if handled else SWEEP_RETRY


async def _done(engine: Engine, command: Command, effect: Effect) -> int:
    try:
        done = await engine.perform(command, SYSTEM, correlation=effect.correlation)
    except ChatcoreError as error:
        engine.note("effect_failed", effect.kind.value, error.code)
        return 0
    return 1 if done.outcome.changed else 0


def _again(wait: timedelta) -> Finding:
    return Finding(kind=FindingKind.NOT_DONE, retry_after=wait)
