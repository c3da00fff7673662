"""Automatic messages: what is said by itself, at its trigger, once. Rule: L10, L20, H1.

1. Each trigger at most once per opening; the after-hours message at most once per closed period.
2. While the service is closed, who comes into the queue is told that instead of their place in it.
3. What the channel cannot carry now is not said: nothing waits for an automatic message.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from chatcore.entities import ChannelCapabilities, Workspace
from chatcore.entities.conversation import Robot
from chatcore.errors import MissingVariable
from chatcore.limits import HOURS_AHEAD
from chatcore.rules.facts import Decision
from chatcore.rules.passing import passes
from chatcore.rules.variables import Setting, filled
from chatcore.rules.writing import written
from chatcore.text import outbound_problems
from chatcore.vocabulary import ChannelId, ContactId, MessageKind, Private, Trigger

__all__ = ["said", "waiting_triggers"]


def waiting_triggers(workspace: Workspace, now: datetime) -> tuple[Trigger, datetime | None]:
    """What to say to who waits in the queue now: that it is closed, and until when; or that they are queued."""
    hours = workspace.policies.hours
    if hours is None or hours.is_open(now, workspace.time_zone):
        return Trigger.QUEUED, None
    return Trigger.AFTER_HOURS, hours.next_opening(now, workspace.time_zone) or now + timedelta(
        days=HOURS_AHEAD
    )


def said(
    triggers: Collection[tuple[Trigger, datetime | None]],
    setting: Setting,
    robot: Robot,
    *,
    root: str,
    seq: int,
    to: ContactId,
    channel: ChannelId,
    capabilities: ChannelCapabilities,
    window_until: datetime | None,
) -> Decision:
    """The automatic messages for these triggers, in order, as far as they can be said; `seq` is the last one.

    `robot` is what was said before.
    """
    contact, now = setting.contact, setting.now
    if contact is not None and contact.blocked is not None:
        return ()
    if not passes(MessageKind.TEXT, capabilities, window_until, now):
        return ()
    decision: Decision = ()
    for trigger, quiet_until in triggers:
        text = _text(trigger, setting, robot, capabilities.text_limit)
        if text is None:
            continue
        seq += 1
        decision += written(
            Private(text),
            now,
            root,
            setting.conversation,
            seq,
            to,
            channel,
            automatic=trigger,
            quiet_until=quiet_until,
        )
    return decision


def _text(trigger: Trigger, setting: Setting, robot: Robot, limit: int) -> str | None:
    """What is said at a trigger, if anything is. A name that makes it too long is left out of it."""
    if trigger is Trigger.AFTER_HOURS:
        if robot.quiet_until is not None and setting.now < robot.quiet_until:
            return None
    elif trigger in robot.said:
        return None
    text = setting.workspace.policies.automatic.at(trigger)
    if text is None:
        return None
    for each in (setting, setting.nameless()):
        try:
            body = filled(text, each)
        except MissingVariable:
            return None
        if len(body) <= limit and not outbound_problems(body, trigger.value):
            return body
    return None
