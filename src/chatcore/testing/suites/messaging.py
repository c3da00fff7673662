"""The suite for messaging adapters: what is sent arrives as it is, where it belongs, and once.

    class TestMyMessaging(MessagingSuite):
        def make(self):
            self.provider = FakeProvider()
            return MyMessaging(self.provider.url)

        def sent(self, adapter):
            return [Sent(reference=m["id"], account=m["from"], to=m["to"], ...) for m in self.provider.messages]

        def fail(self, adapter, how):
            self.provider.failing = how

`MessagingSuite` says what each hook is for, and each test what to look for when it fails.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

import attrs
import pytest

from chatcore.entities import Attachment, ChannelCapabilities, MediaPointer
from chatcore.entities.capabilities import MEDIA
from chatcore.errors import OutcomeUnknown, Permanent
from chatcore.ports import AsyncMessaging, FetchRequest, Messaging, ReceiptRequest, SendRequest, TemplateUse
from chatcore.testing.suites._base import settled
from chatcore.testing.suites._natures import NatureSuite
from chatcore.testing.suites._writes import READS, Failing, told
from chatcore.vocabulary import EffectId, MessageKind, Private

__all__ = ["MessagingSuite", "Sent"]

_FILE: Final = b"%PDF-1.4 a file of the suite's own \x00\xff"

_TEXTS: Final = {
    "lines": "Bom dia!\nSegue:\n\n  1. um\t2. dois\n",
    "spaces": "  à esquerda e à direita  ",
    "markup": "<b>R$ 5 & 10%</b> \"aspas\" 'apóstrofos' \\n {{nome}} %s ${x}",
    "accents-apart": "ac\u0327a\u0303o",
    "right-to-left": "\u0645\u0631\u062d\u0628\u0627, 123!",
    "beyond-16-bits": "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001d4d0",
}
"""Texts that something on the way may repair, cut or escape."""


@attrs.frozen(slots=True, kw_only=True)
class Sent:
    """One message as the provider took it.

    * `reference`: the provider's id for it; `account` and `to` as the provider was told them.
    * `text`: the text or the caption, empty where there is none; not looked at where there is a `template`.
    * `file`: what tells which file went along: the key or the SHA-256 of the attachment, None without a file.
    """

    reference: str
    account: str
    to: str
    kind: MessageKind
    text: str = ""
    file: str | None = None
    template: TemplateUse | None = None


def _shown(use: TemplateUse | None) -> object:
    """A template, for messages and to compare: the suite's own holds nothing personal."""
    return use and (use.name, use.language, [each.reveal() for each in use.parameters])


class MessagingSuite(NatureSuite[Sent]):
    """Tests for an adapter of `Messaging` or `AsyncMessaging`, over a fake of its provider.

    Write `make`, `sent` and `fail`; and, where the adapter has what they are about: `pass_time` (a nature with
    a retention or a horizon), `reports` (a nature that reports by key), `store` (the adapter reads the files it
    sends), `offer` (it has `fetch`), `receipts` (it has `mark_read`).
    """

    ports = (Messaging, AsyncMessaging)
    hooks = frozenset({"offer", "pass_time", "receipts", "reports"})
    account: ClassVar[str] = "106540352242922"
    """The account that is sent from."""
    addresses: ClassVar[Sequence[str]] = ("5511987654321", "551187654321", "12125550100")
    """Addresses as the channel gives them. The second is a mobile without its ninth digit. Rule: M10."""

    _does = "send"
    _did = "sent"
    _tells = Sent
    _offers = ChannelCapabilities
    _name = "nature"
    _powers = ("fetch", "look_up", "mark_read")

    # --- what an author writes --------------------------------------------------------------------------------

    def sent(self, adapter: Any, /) -> Sequence[Sent] | Awaitable[Sequence[Sent]]:
        """All that the provider was really sent, in order, each as often as it was; the refused left out."""
        self._unwritten("sent", "tell what the provider was really sent, as `Sent` values, in order")

    def store(self, adapter: Any, attachment: Attachment, content: bytes, /) -> Any:
        """Lay a file where the adapter finds the files it sends. Does nothing unless you say what."""

    def offer(self, adapter: Any, pointer: MediaPointer, content: bytes, /) -> Any:
        """Let a customer have sent a file, which the provider keeps under `pointer.reference`."""
        self._unwritten("offer", "let the provider keep a file, for the adapter to fetch")

    def receipts(self, adapter: Any, /) -> Sequence[str] | Awaitable[Sequence[str]]:
        """The provider's ids of the customers' messages that it was told were read, in order."""
        self._unwritten("receipts", "tell of which messages the provider heard that they were read")

    # --- what is sent -----------------------------------------------------------------------------------------

    def _request(self, key: EffectId, deadline: datetime, mark: str) -> SendRequest:
        return SendRequest(
            key=key,
            account=self.account,
            to=Private(self.addresses[0]),
            kind=MessageKind.TEXT,
            text=Private(f"Olá, {mark}"),
            deadline=deadline,
        )

    def _misfits(self, request: SendRequest, done: Sent) -> Iterator[str]:
        file = request.attachment
        pairs: dict[str, tuple[object, object]] = {
            "account": (request.account, done.account),
            "to": (request.to.reveal(), done.to),
            "kind": (request.kind, done.kind),
            "template": (_shown(request.template), _shown(done.template)),
        }
        if request.template is None:
            pairs["text"] = request.text.reveal(), done.text
        yield from (f"{name} is {was!r}, not {is_!r}" for name, (is_, was) in pairs.items() if is_ != was)
        if file is None and done.file is not None:
            yield f"a file went along: {done.file!r}"
        elif file is not None and done.file not in (file.key, file.sha256):
            yield f"file is {done.file!r}, neither the attachment's key {file.key!r} nor its SHA-256"

    def _file(self, mime: str) -> Attachment:
        """A file the service keeps."""
        content = _FILE + self._unique().encode()
        attachment = Attachment(
            key=f"suite-{self._unique()}",
            mime=mime,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            name="arquivo",
        )
        settled(self.store(self._raw, attachment, content))
        return attachment

    # --- the tests --------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("text", _TEXTS.values(), ids=_TEXTS)
    def test_a_text_arrives_as_it_is(self, text: str) -> None:
        """To the code point: not trimmed, normalised, escaped or cut. Rule: M14.

        When this fails: encode the body once, as UTF-8, and let a JSON or form encoder do it; no text of your
        own around a text. `sent` tells the text as the provider would show it.
        """
        port = self._sample()
        self._succeed(port, attrs.evolve(self._asked(), text=Private(text)))

    def test_the_longest_text_arrives_whole(self) -> None:
        """A text of `text_limit` code points passes, though its characters are long in bytes. Rule: M6.

        When this fails: declare the limit in code points that the provider really takes.
        """
        port = self._sample()
        limit = self._capabilities(port).text_limit
        for letter in "aç\U0001f600":
            self._succeed(port, attrs.evolve(self._asked(), text=Private(letter * limit)))

    def test_it_goes_to_the_exact_address(self) -> None:
        """From the account asked for, to the address as the channel gave it, digit by digit. Rule: M10.

        When this fails: do not write addresses anew. A mobile without its ninth digit is known to the channel
        without it; with it, the message goes to nobody, or to somebody else.
        """
        port = self._sample()
        for address in self.addresses:
            self._succeed(port, attrs.evolve(self._asked(), to=Private(address)))

    @pytest.mark.parametrize("kind", sorted(MEDIA))
    def test_a_file_goes_along_where_its_kind_is_carried(self, kind: MessageKind) -> None:
        """Each kind in `capabilities.media` arrives with its file and caption; another is refused. Rule: M6.

        When this fails: declare the kinds the channel carries, and raise `Permanent("not_carried")` for others:
        a caption sent as a text without its file would say something else.
        """
        port = self._sample()
        carried = [each for each in self._capabilities(port).media if each.kind is kind]
        for each in carried:
            caption = Private(f"Veja, {self._unique()}" if each.captions else "")
            for mime in each.types:
                file = self._file(mime)
                self._succeed(port, attrs.evolve(self._asked(), kind=kind, text=caption, attachment=file))
        if not carried:
            request = attrs.evolve(self._asked(), kind=kind, attachment=self._file("application/pdf"))
            self._refused(port, request, f"capabilities.media has no {kind}")

    def test_a_template_goes_where_templates_do(self) -> None:
        """With its name, language and parameters in order; without the capability it is refused. Rule: M5, M6.

        When this fails: send the template by its name, not the text it was filled in to; or, without templates,
        raise `Permanent("not_carried")`: as a plain text it would break the channel's window.
        """
        port = self._sample()
        use = TemplateUse(name="we_are_back", language="pt_BR", parameters=(Private("Maria"), Private("2 h")))
        request = attrs.evolve(
            self._asked(), kind=MessageKind.TEMPLATE, text=Private("Olá, Maria! 2 h"), template=use
        )
        if self._capabilities(port).templates:
            self._succeed(port, request)
        else:
            self._refused(port, request, "capabilities.templates is False")

    # --- fetching files ---------------------------------------------------------------------------------------

    def _fetching(self) -> Any:
        port = self._sample()
        if getattr(self._raw, "fetch", None) is None:
            pytest.skip("the adapter has no fetch")
        self._only_faked("offer")
        return port

    def _offered(self, content: bytes) -> FetchRequest:
        pointer = MediaPointer(reference=self._number(), mime="image/jpeg")
        settled(self.offer(self._raw, pointer, content))
        return self._to_fetch(pointer)

    def _to_fetch(self, pointer: MediaPointer) -> FetchRequest:
        deadline = self.now() + timedelta(minutes=1)
        return FetchRequest(key=self._key(), account=self.account, pointer=pointer, deadline=deadline)

    def test_a_file_is_fetched_whole(self) -> None:
        """A customer's file comes with its type, its size and the SHA-256 of its bytes, each time. Rule: M17.

        When this fails: count and hash the bytes that were kept, not what the provider says of them. A second
        call may fetch anew or answer as the first.
        """
        port = self._fetching()
        for content in (_FILE, b"\xff\xd8" + bytes(range(256)) * 300):
            request = self._offered(content)
            for _ in range(2):
                file = self._read(lambda request=request: port.fetch(request))  # type: ignore[misc]
                assert type(file) is Attachment, f"fetch answers an Attachment, not {file!r}"
                hashed = hashlib.sha256(content).hexdigest()
                assert (file.size, file.sha256) == (len(content), hashed), (
                    f"of {len(content)} bytes, SHA-256 {hashed}, it says {file.size} bytes, {file.sha256}"
                )
                assert file.mime == "image/jpeg", f"the provider keeps image/jpeg, the file is {file.mime}"

    def test_files_are_not_mixed_up(self) -> None:
        """Two customers' files, fetched one after another, are two files, each with a key of its own.

        When this fails: keep a file under its reference at the provider or under its hash, not under its name
        or its place.
        """
        port = self._fetching()
        requests = [self._offered(_FILE + bytes([n])) for n in range(2)]
        files = [self._read(lambda request=request: port.fetch(request)) for request in requests]  # type: ignore[misc]
        assert files[0].sha256 != files[1].sha256, "two files, fetched as one"
        assert files[0].key != files[1].key, f"two files, kept under one key: {files[0].key!r}"

    def test_a_file_that_is_gone_is_permanent(self) -> None:
        """What the provider does not keep (any more) cannot be had: `Permanent`, nobody waits. Rule: M17.

        When this fails: read "not found" as what it is; as Temporary it would be asked for all day.
        """
        port = self._fetching()
        request = self._to_fetch(MediaPointer(reference=self._number()))
        answer = self._patiently(lambda: port.fetch(request), request.deadline - timedelta(minutes=1))
        assert isinstance(answer, Permanent), f"nobody has this file: raise Permanent; it gave {told(answer)}"
        self._check_error(answer)

    @pytest.mark.parametrize("how", READS)
    def test_a_file_that_cannot_be_fetched_now_is_temporary(self, how: Failing) -> None:
        """However the provider fails, a fetch is tried again: `Temporary`. Rule: M17.

        When this fails: raise Temporary for what your client raises; for SILENT give it a time-out. Look for
        an error page kept as if it were the customer's picture.
        """
        port = self._fetching()
        request = self._offered(_FILE)
        self._cannot_tell(
            how, lambda deadline: port.fetch(attrs.evolve(request, deadline=deadline)), OutcomeUnknown
        )

    # --- receipts ---------------------------------------------------------------------------------------------

    def _marking(self) -> Any:
        port = self._sample()
        if getattr(self._raw, "mark_read", None) is None:
            pytest.skip("the adapter has no mark_read")
        self._only_faked("receipts")
        return port

    def _receipt(self) -> ReceiptRequest:
        return ReceiptRequest(
            key=self._key(),
            account=self.account,
            to=Private(self.addresses[0]),
            provider_id=f"wamid.{self._number()}",
            deadline=self.now() + timedelta(minutes=1),
        )

    def test_a_receipt_names_the_message_that_was_read(self) -> None:
        """The provider hears the id of the customer's message, and no message is sent by it. Rule: L23.

        When this fails: tell the provider `provider_id`, its own id; answer None.
        """
        port = self._marking()
        receipts = [self._receipt() for _ in range(2)]
        before = self._all_done()
        for receipt in receipts:
            answer = self._read(lambda receipt=receipt: port.mark_read(receipt))  # type: ignore[misc]
            assert answer is None, f"mark_read answers None, not {answer!r}"
        heard = [str(each) for each in settled(self.receipts(self._raw))]
        wanted = [receipt.provider_id for receipt in receipts]
        assert heard[-2:] == wanted, f"read were {wanted}; the provider heard of {heard[-2:]}"
        assert self._all_done() == before, "telling that a message was read sent one"

    def test_a_receipt_may_be_told_twice(self) -> None:
        """The same receipt again does no harm and raises nothing. Rule: L23.

        When this fails: read the provider's "already read" as done.
        """
        port = self._marking()
        receipt = self._receipt()
        for _ in range(2):
            self._read(lambda: port.mark_read(receipt))

    @pytest.mark.parametrize("how", [Failing.UNREACHABLE, Failing.BUSY])
    def test_a_receipt_that_did_not_leave_is_temporary(self, how: Failing) -> None:
        """Without a connection, or when the provider takes no more now: `Temporary`. Rule: L23.

        When this fails: as for messages, tell what was certainly not done from everything else.
        """
        port = self._marking()
        receipt = self._receipt()
        self._cannot_tell(how, lambda deadline: port.mark_read(attrs.evolve(receipt, deadline=deadline)))
