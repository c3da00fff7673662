"""A page of a conversation to JSON and back: a conversation with 100 messages, against the same by hand.

Both sides begin and end with the same entities, of the very same classes with the checks they make, and write
the same fields. By hand there is a function for each class that builds a dict, one that builds the entity from
it, and the standard library's `json` in between; it trusts what it reads. Ours refuses all that is not exactly
what it wrote, a key that stands twice too.

Ours is measured without orjson and, where that is installed, with it; by hand it is the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import repeat
from typing import Any

from chatcore import Actor, Conversation, Situation
from chatcore.entities import (
    Attachment,
    Details,
    Edit,
    Extras,
    Media,
    MediaPointer,
    Message,
    Origin,
    Reaction,
    Robot,
    Talk,
)
from chatcore.entities.message import NO_EXTRAS
from chatcore.search import Page
from chatcore.serialization import _json, decode, encode
from chatcore.vocabulary import (
    ActorKind,
    DeliveryStatus,
    Direction,
    MessageKind,
    Private,
    Trigger,
    message_id,
)
from tests.bench.measuring import Figure, Side, batch, compare
from tests.bench.scene import AGENTS, BEGUN, queued, root

BATCH, ROUNDS = 5, 60
MESSAGES = 100
TEXTS = (
    "Bom dia! Minha internet está lenta desde ontem à noite, podem verificar?",
    "Oi, tudo bem? Vou verificar o seu contrato, só um momento.",
    "Reiniciei o roteador e não mudou nada.\nA luz vermelha continua piscando.",
    "Abri um chamado; o técnico passa amanhã entre 8h e 12h. 👍",
    "ok, obrigada",
)

Rows = tuple[Conversation, tuple[Message, ...]]


def conversation() -> Conversation:
    """The conversation, taken by somebody, with a hundred messages in it."""
    old = queued(1)
    at = BEGUN + timedelta(hours=1)
    return Conversation(
        id=old.id,
        version=104,
        recorded_at=at,
        origin=old.origin,
        talk=Talk(address=old.address, seq=MESSAGES, unread=1, waiting_since=at, window_until=at, heard=99),
        situation=Situation.OPEN,
        department=old.department,
        assignee=AGENTS[0].id,
        last_assignee=AGENTS[0].id,
        reason=None,
        opened_at=old.opened_at,
        queued_at=old.queued_at,
        taken_at=at,
        closed_at=None,
        closed_by=None,
        transfers=0,
        details=Details(tags=("vip", "fibra")),
    )


def message(n: int) -> Message:
    """The nth message: every other from the customer, now and then a file."""
    of, at = queued(1), BEGUN + timedelta(seconds=37 * n, microseconds=n)
    inbound = n % 2 == 1
    extras = NO_EXTRAS
    if n % 20 == 0:
        file = Attachment(key=f"files/{n}", mime="image/jpeg", size=48_213, sha256=f"{n:064x}", name=None)
        extras = Extras(media=Media(attachment=file))
    return Message(
        id=message_id(of.id, n),
        version=1 if inbound else 4,
        recorded_at=at + timedelta(seconds=4),
        conversation=of.id,
        seq=n,
        channel=of.channel,
        direction=Direction.INBOUND if inbound else Direction.OUTBOUND,
        kind=MessageKind.IMAGE if n % 20 == 0 else MessageKind.TEXT,
        body=Private(TEXTS[n % len(TEXTS)]),
        author=None if inbound else AGENTS[0],
        effect=None if inbound else f"ef_{root(n)}.1",
        provider_id=f"wamid.HBgMNTU2MTk4MDAwMDAwFQIAEhggN{n:020}",
        sent_at=at.replace(microsecond=0) if inbound else None,
        reached=DeliveryStatus.PENDING if inbound else DeliveryStatus.READ,
        extras=extras,
        first_recorded=None if inbound else at,
    )


CONVERSATION = conversation()
PAGE = Page(tuple(message(n) for n in range(1, MESSAGES + 1)), "cursor")


def ours(_: object) -> tuple[Any, Any]:
    """The conversation and the page to bytes and back."""
    return decode(encode(CONVERSATION), Conversation), decode(encode(PAGE), Page)


# --- by hand -------------------------------------------------------------------------------------------------


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _sure(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _actor_dict(actor: Actor | None) -> dict[str, Any] | None:
    return None if actor is None else {"kind": actor.kind, "id": actor.id}


def _actor(tree: dict[str, Any] | None) -> Actor | None:
    return None if tree is None else Actor(ActorKind(tree["kind"]), tree["id"])


def _secret(text: Private | None) -> str | None:
    return None if text is None else text.reveal()


def _private(text: str | None) -> Private | None:
    return None if text is None else Private(text)


def _talk_dict(talk: Talk) -> dict[str, Any]:
    robot = talk.robot
    return {
        "address": talk.address.reveal(),
        "seq": talk.seq,
        "unread": talk.unread,
        "waiting_since": _text(talk.waiting_since),
        "window_until": _text(talk.window_until),
        "heard": talk.heard,
        "robot": {
            "said": list(robot.said),
            "quiet_until": _text(robot.quiet_until),
            "turns": robot.turns,
            "moved_at": _text(robot.moved_at),
        },
    }


def _talk(tree: dict[str, Any]) -> Talk:
    robot = tree["robot"]
    return Talk(
        address=Private(tree["address"]),
        seq=tree["seq"],
        unread=tree["unread"],
        waiting_since=_moment(tree["waiting_since"]),
        window_until=_moment(tree["window_until"]),
        heard=tree["heard"],
        robot=Robot(
            said=tuple([Trigger(each) for each in robot["said"]]),
            quiet_until=_moment(robot["quiet_until"]),
            turns=robot["turns"],
            moved_at=_moment(robot["moved_at"]),
        ),
    )


def conversation_dict(it: Conversation) -> dict[str, Any]:
    """A conversation as a dict; custom fields are left out, for this one has none."""
    origin, details = it.origin, it.details
    return {
        "id": it.id,
        "version": it.version,
        "recorded_at": it.recorded_at.isoformat(),
        "origin": {
            "contact": origin.contact,
            "channel": origin.channel,
            "protocol": origin.protocol,
            "started_at": origin.started_at.isoformat(),
        },
        "talk": _talk_dict(it.talk),
        "situation": it.situation,
        "department": it.department,
        "assignee": it.assignee,
        "last_assignee": it.last_assignee,
        "reason": it.reason,
        "opened_at": it.opened_at.isoformat(),
        "queued_at": _text(it.queued_at),
        "taken_at": _text(it.taken_at),
        "closed_at": _text(it.closed_at),
        "closed_by": _actor_dict(it.closed_by),
        "transfers": it.transfers,
        "details": {"tags": list(details.tags), "fields": [], "contract": details.contract},
    }


def conversation_of(tree: dict[str, Any]) -> Conversation:
    """The conversation of such a dict."""
    origin, details = tree["origin"], tree["details"]
    return Conversation(
        id=tree["id"],
        version=tree["version"],
        recorded_at=_sure(tree["recorded_at"]),
        origin=Origin(
            contact=origin["contact"],
            channel=origin["channel"],
            protocol=origin["protocol"],
            started_at=_sure(origin["started_at"]),
        ),
        talk=_talk(tree["talk"]),
        situation=Situation(tree["situation"]),
        department=tree["department"],
        assignee=tree["assignee"],
        last_assignee=tree["last_assignee"],
        reason=tree["reason"],
        opened_at=_sure(tree["opened_at"]),
        queued_at=_moment(tree["queued_at"]),
        taken_at=_moment(tree["taken_at"]),
        closed_at=_moment(tree["closed_at"]),
        closed_by=_actor(tree["closed_by"]),
        transfers=tree["transfers"],
        details=Details(tags=tuple(details["tags"]), fields=(), contract=details["contract"]),
    )


def _media_dict(media: Media | None) -> dict[str, Any] | None:
    if media is None:
        return None
    pointer, file = media.pointer, media.attachment
    return {
        "pointer": None
        if pointer is None
        else {
            "reference": pointer.reference,
            "mime": pointer.mime,
            "sha256": pointer.sha256,
            "name": pointer.name,
        },
        "attachment": None
        if file is None
        else {
            "key": file.key,
            "mime": file.mime,
            "size": file.size,
            "sha256": file.sha256,
            "name": file.name,
        },
        "lost": media.lost,
    }


def _media(tree: dict[str, Any] | None) -> Media | None:
    if tree is None:
        return None
    pointer, file = tree["pointer"], tree["attachment"]
    return Media(
        pointer=None if pointer is None else MediaPointer(**pointer),
        attachment=None if file is None else Attachment(**file),
        lost=tree["lost"],
    )


def _extras_dict(extras: Extras) -> dict[str, Any]:
    return {
        "media": _media_dict(extras.media),
        "template": extras.template,
        "parameters": [each.reveal() for each in extras.parameters],
        "reply_to": extras.reply_to,
        "reactions": [
            {"direction": each.direction, "emoji": _secret(each.emoji), "at": each.at.isoformat()}
            for each in extras.reactions
        ],
        "edits": [{"at": each.at.isoformat(), "body": each.body.reveal()} for each in extras.edits],
        "revoked_at": _text(extras.revoked_at),
        "customer": extras.customer,
    }


def _extras(tree: dict[str, Any]) -> Extras:
    return Extras(
        media=_media(tree["media"]),
        template=tree["template"],
        parameters=tuple([Private(each) for each in tree["parameters"]]),
        reply_to=tree["reply_to"],
        reactions=tuple(
            [
                Reaction(Direction(each["direction"]), _private(each["emoji"]), _sure(each["at"]))
                for each in tree["reactions"]
            ]
        ),
        edits=tuple([Edit(_sure(each["at"]), Private(each["body"])) for each in tree["edits"]]),
        revoked_at=_moment(tree["revoked_at"]),
        customer=tree["customer"],
    )


def message_dict(it: Message) -> dict[str, Any]:
    """A message as a dict."""
    return {
        "id": it.id,
        "version": it.version,
        "recorded_at": it.recorded_at.isoformat(),
        "conversation": it.conversation,
        "seq": it.seq,
        "channel": it.channel,
        "direction": it.direction,
        "kind": it.kind,
        "body": it.body.reveal(),
        "author": _actor_dict(it.author),
        "automatic": it.automatic,
        "effect": it.effect,
        "provider_id": it.provider_id,
        "sent_at": _text(it.sent_at),
        "reached": it.reached,
        "failure": it.failure,
        "not_sent": it.not_sent,
        "unconfirmed": it.unconfirmed,
        "flags": list(it.flags),
        "raw": _secret(it.raw),
        "anomalies": it.anomalies,
        "extras": _extras_dict(it.extras),
        "first_recorded": _text(it.first_recorded),
    }


def message_of(tree: dict[str, Any]) -> Message:
    """The message of such a dict."""
    automatic = tree["automatic"]
    return Message(
        id=tree["id"],
        version=tree["version"],
        recorded_at=_sure(tree["recorded_at"]),
        conversation=tree["conversation"],
        seq=tree["seq"],
        channel=tree["channel"],
        direction=Direction(tree["direction"]),
        kind=MessageKind(tree["kind"]),
        body=Private(tree["body"]),
        author=_actor(tree["author"]),
        automatic=None if automatic is None else Trigger(automatic),
        effect=tree["effect"],
        provider_id=tree["provider_id"],
        sent_at=_moment(tree["sent_at"]),
        reached=DeliveryStatus(tree["reached"]),
        failure=tree["failure"],
        not_sent=tree["not_sent"],
        unconfirmed=tree["unconfirmed"],
        flags=tuple(tree["flags"]),
        raw=_private(tree["raw"]),
        anomalies=tree["anomalies"],
        extras=_extras(tree["extras"]),
        first_recorded=_moment(tree["first_recorded"]),
    )


def _dumped(tree: dict[str, Any]) -> bytes:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode()


def by_hand(_: object) -> tuple[Any, Any]:
    """The same by hand."""
    data = _dumped(conversation_dict(CONVERSATION))
    page = _dumped({"rows": [message_dict(each) for each in PAGE.rows], "next": PAGE.next})
    tree = json.loads(page)
    rows = tuple([message_of(each) for each in tree["rows"]])
    return conversation_of(json.loads(data)), Page(rows, tree["next"])


# --- held against one another --------------------------------------------------------------------------------


def side(act: Callable[[object], object], parser: Any) -> Side:
    """A side that does it with one parser."""
    plain = batch(act, lambda: repeat(None, BATCH))

    def run() -> int:
        before, _json.orjson = _json.orjson, parser
        try:
            return plain()
        finally:
            _json.orjson = before

    return run


def measure() -> Figure:
    """Ours without orjson."""
    return compare(side(ours, None), side(by_hand, None), rounds=ROUNDS)


def measure_orjson() -> Figure:
    """Ours with orjson."""
    import orjson

    return compare(side(ours, orjson), side(by_hand, None), rounds=ROUNDS)
