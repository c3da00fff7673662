"""Broken messaging adapters, each wrong in one way."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from chatcore.br import parse_phone
from chatcore.channels.whatsapp import CAPABILITIES
from chatcore.entities import (
    AtMostOnce,
    Attachment,
    ChannelCapabilities,
    LooksUpByKey,
    Nature,
    RepeatsByKey,
    ReportsByKey,
)
from chatcore.errors import OutcomeUnknown, Permanent, Temporary
from chatcore.testing.suites import Reported
from tests.kit.http_messaging import HttpMessaging, HttpMessagingSuite
from tests.kit.outsides import Line, broken
from tests.kit.storages import others_come_in

__all__ = ["BROKEN"]


def _offers(nature: Nature) -> ChannelCapabilities:
    return attrs.evolve(CAPABILITIES, nature=nature)


_ONCE = _offers(AtMostOnce())
_REPEATS = _offers(RepeatsByKey(timedelta(days=1)))
_LOOKS_UP = _offers(LooksUpByKey(timedelta(minutes=5)))
_REPORTS = _offers(ReportsByKey())


# --- the key --------------------------------------------------------------------------------------------------


class RepeatsWithoutKey(HttpMessaging):
    """It declares `RepeatsByKey` of a provider that takes no notice of keys."""

    offers = _REPEATS
    keeps = AtMostOnce()


class RemembersAnswersItself(HttpMessaging):
    """It declares `RepeatsByKey` because it remembers keys itself, once they were answered."""

    offers = _REPEATS
    keeps = AtMostOnce()

    def send(self, request: Any, /) -> str:
        notes: dict[str, str] = self.__dict__.setdefault("notes", {})
        if request.key not in notes:
            notes[request.key] = super().send(request)
        return notes[request.key]


class LooksBeforeItSends(HttpMessaging):
    """It declares `RepeatsByKey` because it looks whether the key is there before it sends."""

    offers = _REPEATS
    keeps = LooksUpByKey(timedelta(0))

    def send(self, request: Any, /) -> str:
        known = self.look_up(request.key)
        if known is not None:
            return known
        others_come_in()
        return super().send(request)


class RetentionTooLong(HttpMessaging):
    """It declares a retention of a week where the provider forgets keys after a day."""

    offers = _offers(RepeatsByKey(timedelta(days=7)))
    keeps = RepeatsByKey(timedelta(days=1))


class RetentionOfNothing(HttpMessaging):
    """It declares a retention too short for any repeat."""

    offers = _offers(RepeatsByKey(timedelta(seconds=5)))


class RepeatIsRefused(HttpMessaging):
    """It takes the provider's word that a key is there already for a refusal."""

    offers = _REPEATS

    def send(self, request: Any, /) -> str:
        known = {each["key"] for each in self.outside.done}
        reference = super().send(request)
        if request.key in known:
            raise Permanent("duplicate")
        return reference


class KeyIsCut(HttpMessaging):
    """It cuts the key to the 32 characters that the provider's field shows."""

    offers = _REPEATS

    def body(self, request: Any) -> dict[str, Any]:
        return super().body(request) | {"key": request.key[:32]}


class AlikeIsTheSame(HttpMessaging):
    """It makes a key of its own of what is sent to whom, so that a text is never sent twice."""

    offers = _REPEATS

    def body(self, request: Any) -> dict[str, Any]:
        body = super().body(request)
        said = json.dumps([body["to"], body["text"]]).encode()
        return body | {"key": hashlib.sha256(said).hexdigest()}


class LooksOnFirstPage(HttpMessaging):
    """It looks a key up among the latest messages only."""

    offers = _LOOKS_UP

    def look_up(self, key: str, /) -> str | None:
        rows = self.line.read("search", {"begins": "ef_", "page": 0})
        return next((row["id"] for row in rows if row["key"] == key), None)


class LooksByBeginning(HttpMessaging):
    """It takes the first thing that the provider's search brings for a key, which goes by how keys begin."""

    offers = _LOOKS_UP

    def look_up(self, key: str, /) -> str | None:
        rows = self.line.read("search", {"begins": key, "page": 0})
        return rows[0]["id"] if rows else None


class AwayIsAbsent(HttpMessaging):
    """A look-up that fails answers that the key is not there."""

    offers = _LOOKS_UP

    def look_up(self, key: str, /) -> str | None:
        try:
            return super().look_up(key)
        except Temporary:
            return None


class LooksUpOwnNotes(HttpMessaging):
    """It looks a key up in its own notes, made when the provider answers."""

    offers = _LOOKS_UP

    def send(self, request: Any, /) -> str:
        reference = super().send(request)
        self.__dict__.setdefault("notes", {})[request.key] = reference
        return reference

    def look_up(self, key: str, /) -> str | None:
        super().look_up(key)
        return self.__dict__.get("notes", {}).get(key)


class HorizonTooShort(HttpMessaging):
    """It declares a horizon of a minute where the provider's search is five minutes behind."""

    offers = _offers(LooksUpByKey(timedelta(minutes=1)))
    keeps = LooksUpByKey(timedelta(minutes=5))


class LookUpRegresses(HttpMessaging):
    """It finds a key once; the next time it has been archived and is not found."""

    offers = _LOOKS_UP

    def look_up(self, key: str, /) -> str | None:
        seen: set[str] = self.__dict__.setdefault("seen", set())
        found = super().look_up(key)
        if key in seen:
            return None
        if found is not None:
            seen.add(key)
        return found


class AbsentRaises(HttpMessaging):
    """A look-up of a key that is not there raises KeyError."""

    offers = _LOOKS_UP

    def look_up(self, key: str, /) -> str | None:
        found = super().look_up(key)
        if found is None:
            raise KeyError(key)
        return found


class TriedIsFound(HttpMessaging):
    """A look-up answers for whatever it tried to send, refused or not."""

    offers = _LOOKS_UP

    def send(self, request: Any, /) -> str:
        self.__dict__.setdefault("tried", set()).add(request.key)
        return super().send(request)

    def look_up(self, key: str, /) -> str | None:
        found = super().look_up(key)
        return "pending" if found is None and key in self.__dict__.get("tried", ()) else found


class NoLookUp(HttpMessaging):
    """It declares `LooksUpByKey` and has no `look_up`."""

    offers = _LOOKS_UP
    look_up = None  # type: ignore[assignment]


class ReportsWithoutKey(HttpMessaging):
    """It declares `ReportsByKey` and gives the provider an id of its own instead of the key."""

    offers = _REPORTS

    def body(self, request: Any) -> dict[str, Any]:
        return super().body(request) | {"key": f"msg-{len(self.outside.done)}"}


class ReportsRefusalsAsDone(HttpMessaging):
    """A callback that a message was refused is read as one that it was sent."""

    offers = _REPORTS

    def send(self, request: Any, /) -> str:
        try:
            return super().send(request)
        except Permanent as refused:
            self.outside.callbacks.append(Reported(key=request.key, reference=refused.reason))
            raise


class ReportsAnothersKey(HttpMessaging):
    """It gives the provider the key of the message before."""

    offers = _REPORTS

    def body(self, request: Any) -> dict[str, Any]:
        key, self.last = self.__dict__.get("last", request.key), request.key
        return super().body(request) | {"key": key}


# --- what is raised -------------------------------------------------------------------------------------------


class _LostIsTemporary(Line):
    def write(self, what: str, body: Mapping[str, Any], deadline: datetime) -> Any:
        return self.asked(what, body, deadline, Temporary)


class LostReplyIsTemporary(HttpMessaging):
    """Whatever goes wrong on the line is Temporary, though the message may be sent."""

    offers = _ONCE
    line_class = _LostIsTemporary


class _ServerErrors(Line):
    def asked(self, what: str, body: Mapping[str, Any], deadline: Any, doubt: type[Exception]) -> Any:
        self.outside.nonsense = (502, "<html>Bad Gateway</html>")
        return super().asked(what, body, deadline, doubt)

    def write(self, what: str, body: Mapping[str, Any], deadline: datetime) -> Any:
        try:
            return super().write(what, body, deadline)
        except OutcomeUnknown:
            if self.outside.failing == "nonsense":
                raise Temporary from None
            raise


class ServerErrorIsTemporary(HttpMessaging):
    """HTTP 502 is Temporary, though the message may be sent."""

    offers = _ONCE
    line_class = _ServerErrors


class _Mapping(Line):
    """A line whose errors are taken for others."""

    taken: tuple[type[Exception], Exception]

    def asked(self, what: str, body: Mapping[str, Any], deadline: Any, doubt: type[Exception]) -> Any:
        kind, other = self.taken
        try:
            return super().asked(what, body, deadline, doubt)
        except kind:
            raise other from None


class _AllIsDoubt(_Mapping):
    taken = (Temporary, OutcomeUnknown())


class NoConnectionIsDoubt(HttpMessaging):
    """What certainly was not sent is called a doubt, so that a person must look at it."""

    offers = _ONCE
    line_class = _AllIsDoubt


class _BusyIsRefusal(_Mapping):
    taken = (Temporary, Permanent("429"))


class BusyIsRefusal(HttpMessaging):
    """HTTP 429 is Permanent, like all that begins with a 4."""

    offers = _ONCE
    line_class = _BusyIsRefusal


class _RefusalIsTemporary(_Mapping):
    taken = (Permanent, Temporary())


class RefusalIsTemporary(HttpMessaging):
    """What the provider refuses for good is Temporary, and asked again all day."""

    offers = _ONCE
    line_class = _RefusalIsTemporary


class _Leaking(Line):
    leaks: type[Exception]

    def asked(self, what: str, body: Mapping[str, Any], deadline: Any, doubt: type[Exception]) -> Any:
        try:
            return super().asked(what, body, deadline, doubt)
        except (Temporary, OutcomeUnknown) as error:
            if isinstance(error.__context__, self.leaks):
                raise error.__context__ from None
            raise


class _LeaksOfTheLine(_Leaking):
    leaks = OSError


class LeaksDriverErrors(HttpMessaging):
    """It lets the errors of its client out, as they are."""

    line_class = _LeaksOfTheLine


class _LeaksOfTheParser(_Leaking):
    leaks = ValueError


class LeaksParserErrors(HttpMessaging):
    """It lets the error of its JSON reader out when the answer is a page of HTML."""

    line_class = _LeaksOfTheParser


class _Sentence(_Mapping):
    taken = (Permanent, Permanent("+55 11 98765-4321 não recebe mensagens"))


class RefusesInSentences(HttpMessaging):
    """It gives the provider's sentence as the reason of a refusal, number and all."""

    line_class = _Sentence


class _Seconds(_Mapping):
    taken = (Temporary, Temporary(3))  # type: ignore[arg-type]


class WaitsInSeconds(HttpMessaging):
    """It says in seconds, an int, when to try again."""

    line_class = _Seconds


class _ForEver(Line):
    def __init__(self, outside: Any) -> None:
        class Patient:
            def __getattr__(self, name: str) -> Any:
                return getattr(outside, name)

            def ask(self, what: str, body: Any, timeout: float | None) -> Any:
                return outside.ask(what, body, None)

        super().__init__(Patient())


class WaitsForEver(HttpMessaging):
    """It gives its client no time-out."""

    patience = 0.3
    line_class = _ForEver


class _NoClock(Line):
    def asked(self, what: str, body: Mapping[str, Any], deadline: Any, doubt: type[Exception]) -> Any:
        if deadline is not None and deadline <= self.now():
            self.outside.ask(what, body, (deadline - self.now()).total_seconds())
        return super().asked(what, body, deadline, doubt)


class LateIsACrash(HttpMessaging):
    """Asked after the deadline it gives its client a negative time-out, which raises."""

    line_class = _NoClock


class RetriesItself(HttpMessaging):
    """Its client repeats what was not answered."""

    offers = _ONCE

    def send(self, request: Any, /) -> str:
        try:
            return super().send(request)
        except OutcomeUnknown:
            return super().send(request)


# --- what is answered -----------------------------------------------------------------------------------------


class AnswersOwnId(HttpMessaging):
    """It answers the key, not the provider's id."""

    def send(self, request: Any, /) -> str:
        super().send(request)
        return str(request.key)


class AnswersNothing(HttpMessaging):
    """It answers None: the message was accepted."""

    def send(self, request: Any, /) -> str:
        super().send(request)
        return None  # type: ignore[return-value]


class AnswersTheSameId(HttpMessaging):
    """It answers the id of the chat, the same for each message in it."""

    def send(self, request: Any, /) -> str:
        super().send(request)
        return f"chat-{request.to.reveal()}"


class SharesTheRequest(HttpMessaging):
    """It keeps the request at hand on itself, where another thread replaces it."""

    def send(self, request: Any, /) -> str:
        self.request = request
        others_come_in()
        return super().send(self.request)


# --- what is sent ---------------------------------------------------------------------------------------------


class AddsNinthDigit(HttpMessaging):
    """It writes numbers in their canonical form, ninth digit and all."""

    def body(self, request: Any) -> dict[str, Any]:
        return super().body(request) | {"to": parse_phone(f"+{request.to.reveal()}").reveal()[1:]}


class SendsFromOneAccount(HttpMessaging):
    """It sends from the account of its settings, whichever is asked for."""

    def body(self, request: Any) -> dict[str, Any]:
        return super().body(request) | {"from": "1"}


class DropsTheFile(HttpMessaging):
    """It sends the caption of a file and not the file."""

    def body(self, request: Any) -> dict[str, Any]:
        return super().body(request) | {"file": None}


class DropsTheCaption(HttpMessaging):
    """It sends files without their captions."""

    def body(self, request: Any) -> dict[str, Any]:
        body = super().body(request)
        return body | ({} if request.attachment is None else {"text": ""})


class TemplateAsText(HttpMessaging):
    """It sends what a template says as a plain text."""

    def body(self, request: Any) -> dict[str, Any]:
        body = super().body(attrs.evolve(request, template=None))
        return body | ({} if request.template is None else {"type": "text"})


class TemplateWithoutOrder(HttpMessaging):
    """It fills a template's places in another order."""

    def body(self, request: Any) -> dict[str, Any]:
        body = super().body(request)
        if request.template is not None:
            body["template"]["parameters"].reverse()
        return body


class TrimsText(HttpMessaging):
    """It strips the spaces around a text."""

    def body(self, request: Any) -> dict[str, Any]:
        body = super().body(request)
        return body | {"text": body["text"].strip()}


class NormalizesText(HttpMessaging):
    """It normalises texts to NFC."""

    def body(self, request: Any) -> dict[str, Any]:
        body = super().body(request)
        return body | {"text": unicodedata.normalize("NFC", body["text"])}


class EscapesText(HttpMessaging):
    """It escapes texts as if they were shown in HTML."""

    def body(self, request: Any) -> dict[str, Any]:
        body = super().body(request)
        return body | {"text": html.escape(body["text"])}


class CountsBytes(HttpMessaging):
    """It cuts texts where their bytes, not their code points, are as many as the limit."""

    def body(self, request: Any) -> dict[str, Any]:
        body = super().body(request)
        most = self.offers.text_limit
        return body | {"text": body["text"].encode()[:most].decode(errors="ignore")}


class SendsWhatIsNotCarried(HttpMessaging):
    """It declares no files and no templates, and sends the text that was with them."""

    offers = ChannelCapabilities(text_limit=160, nature=AtMostOnce())

    def check(self, request: Any) -> None:
        pass


# --- the adapter ----------------------------------------------------------------------------------------------


class CapabilitiesAsk(HttpMessaging):
    """It asks the provider for its capabilities each time."""

    @property
    def capabilities(self) -> Any:
        self.line.read("search", {"begins": "", "page": 0})
        return self.offers


class CapabilitiesAreCalled(HttpMessaging):
    """Its capabilities are a method."""

    def capabilities(self) -> Any:  # type: ignore[override]
        return self.offers


class LookUpIsNotAsync(HttpMessaging):
    """An async adapter whose `look_up` is not."""

    offers = _LOOKS_UP
    forgotten = ("look_up",)


# --- files and receipts ---------------------------------------------------------------------------------------


class HashesWhatCame(HttpMessaging):
    """It counts and hashes the base64 text of a file, not its bytes."""

    def fetch(self, request: Any, /) -> Attachment:
        told = self.line.read("file", {"id": request.pointer.reference}, request.deadline)
        return self.kept(told["content"].encode(), told["mime"])


class KeepsFilesByType(HttpMessaging):
    """It keeps each file under the name of its type, over the one before."""

    def kept(self, content: bytes, mime: str) -> Attachment:
        return attrs.evolve(super().kept(content, mime), key=mime.replace("/", "."))


class GoneIsTemporary(HttpMessaging):
    """A file that the provider has no more is asked for again, all day."""

    def fetch(self, request: Any, /) -> Attachment:
        try:
            return super().fetch(request)
        except Permanent:
            raise Temporary from None


class KeepsErrorPages(HttpMessaging):
    """It keeps whatever the provider answers as the customer's file."""

    def fetch(self, request: Any, /) -> Attachment:
        status, text = self.outside.ask("file", {"id": request.pointer.reference}, 1.0)
        if status == 200 and not text.startswith("{"):
            return self.kept(text.encode(), "image/jpeg")
        return super().fetch(request)


class FileTypeIsGuessed(HttpMessaging):
    """It calls every file a PDF."""

    def fetch(self, request: Any, /) -> Attachment:
        told = self.line.read("file", {"id": request.pointer.reference}, request.deadline)
        return self.kept(base64.b64decode(told["content"]), "application/pdf")


class ReceiptNamesTheKey(HttpMessaging):
    """It tells the provider the key of a receipt, not the message that was read."""

    def mark_read(self, request: Any, /) -> None:
        super().mark_read(attrs.evolve(request, provider_id=request.key))


class ReceiptOnlyOnce(HttpMessaging):
    """A receipt told a second time is an error."""

    def mark_read(self, request: Any, /) -> None:
        if request.provider_id in self.outside.read:
            raise Permanent("already_read")
        super().mark_read(request)


class ReceiptIsAMessage(HttpMessaging):
    """It sends the customer a message to say that theirs was read."""

    def mark_read(self, request: Any, /) -> None:
        super().mark_read(request)
        body = {"key": request.key, "from": request.account, "to": request.to.reveal(), "type": "text"}
        self.line.write("send", body | {"text": "✓✓"}, request.deadline)


BROKEN = broken(globals(), {HttpMessaging: HttpMessagingSuite})
