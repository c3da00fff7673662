"""A fake provider of messages, a messaging adapter that is right, and the suite over it."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.entities import Attachment, ChannelCapabilities, MediaPointer, Nature
from chatcore.errors import Permanent
from chatcore.ports import TemplateUse
from chatcore.testing.suites import MessagingSuite, Sent
from chatcore.vocabulary import MessageKind, Private
from tests.kit.outsides import Adapter, Outside, OverHttp, Refusal

__all__ = ["HttpMessaging", "HttpMessagingSuite", "Provider"]


class Provider(Outside):
    """A fake provider of messages."""

    def __init__(self, nature: Nature | None) -> None:
        super().__init__(nature, "wamid")
        self.files: dict[str, tuple[str, bytes]] = {}
        self.read: list[str] = []

    def on_send(self, body: dict[str, Any]) -> dict[str, Any]:
        """Take a message."""
        return self.write(body)

    def on_file(self, body: dict[str, Any]) -> dict[str, str]:
        """Give a file."""
        if body["id"] not in self.files:
            raise Refusal("131052")
        mime, content = self.files[body["id"]]
        return {"mime": mime, "content": base64.b64encode(content).decode()}

    def on_mark(self, body: dict[str, Any]) -> dict[str, Any]:
        """Hear that a message was read."""
        self.read.append(body["message"])
        return {}

    @property
    def sent(self) -> list[Sent]:
        """The messages taken."""
        return [
            Sent(
                reference=each["id"],
                account=each["from"],
                to=each["to"],
                kind=MessageKind(each["type"]),
                text=each["text"],
                file=each.get("file"),
                template=None if each.get("template") is None else _template(each["template"]),
            )
            for each in self.done
        ]


def _template(told: dict[str, Any]) -> TemplateUse:
    return TemplateUse(
        name=told["name"], language=told["language"], parameters=tuple(map(Private, told["parameters"]))
    )


class HttpMessaging(Adapter):
    """A messaging adapter that is right. `files` is where the service keeps its files, by key."""

    offers = CAPABILITIES

    def __init__(self, outside: Provider, offers: ChannelCapabilities | None = None) -> None:
        super().__init__(outside, offers)
        self.files: dict[str, bytes] = {}

    def send(self, request: Any, /) -> str:
        """Send one message."""
        self.check(request)
        return self.line.write("send", self.body(request), request.deadline)["id"]

    def check(self, request: Any) -> None:
        """Refuse what the channel does not carry."""
        if request.attachment is not None and request.kind not in {each.kind for each in self.offers.media}:
            raise Permanent("not_carried")
        if request.template is not None and not self.offers.templates:
            raise Permanent("not_carried")

    def body(self, request: Any) -> dict[str, Any]:
        """What the provider is asked."""
        body = {
            "key": request.key,
            "from": request.account,
            "to": request.to.reveal(),
            "type": request.kind.value,
            "text": request.text.reveal(),
        }
        if request.attachment is not None:
            body["file"] = hashlib.sha256(self.files[request.attachment.key]).hexdigest()
        if request.template is not None:
            body["text"] = ""
            body["template"] = {
                "name": request.template.name,
                "language": request.template.language,
                "parameters": [each.reveal() for each in request.template.parameters],
            }
        return body

    def fetch(self, request: Any, /) -> Attachment:
        """Fetch a file and keep it."""
        told = self.line.read("file", {"id": request.pointer.reference}, request.deadline)
        return self.kept(base64.b64decode(told["content"]), told["mime"])

    def kept(self, content: bytes, mime: str) -> Attachment:
        """Keep a file."""
        hashed = hashlib.sha256(content).hexdigest()
        self.files[hashed] = content
        return Attachment(key=hashed, mime=mime, size=len(content), sha256=hashed)

    def mark_read(self, request: Any, /) -> None:
        """Tell the customer that it was read."""
        body = {"from": request.account, "to": request.to.reveal(), "message": request.provider_id}
        self.line.write("mark", body, request.deadline)


class HttpMessagingSuite(OverHttp, MessagingSuite):
    """The messaging suite over an adapter of these."""

    adapter = HttpMessaging
    outside = Provider
    written = "nature"

    def sent(self, adapter: Any, /) -> list[Sent]:
        """What was sent."""
        return adapter.outside.sent

    def store(self, adapter: Any, attachment: Attachment, content: bytes, /) -> None:
        """Lay a file into the service's store."""
        getattr(adapter, "adapter", adapter).files[attachment.key] = content

    def offer(self, adapter: Any, pointer: MediaPointer, content: bytes, /) -> None:
        """Let the provider keep a file."""
        adapter.outside.files[pointer.reference] = pointer.mime, content

    def receipts(self, adapter: Any, /) -> list[str]:
        """What the provider heard was read."""
        return adapter.outside.read
