"""The error tree: stable codes, a closed list of kinds, typed attributes, and nothing personal."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime, timedelta

import pytest

import chatcore
from chatcore import errors
from chatcore.errors import (
    AgentInactive,
    AlreadyAsked,
    AlreadyLive,
    AlreadyTaken,
    AtCapacity,
    BonusOverLimit,
    CaptionNotCarried,
    ChatcoreError,
    ClaimTaken,
    CompanyRefusal,
    Conflict,
    ContactBlocked,
    ContactMerged,
    ContractViolation,
    EffectPending,
    ErrorKind,
    FieldsRequired,
    IdempotencyMismatch,
    InvalidValue,
    KindNotCarried,
    LeaseLost,
    MediaNotCarried,
    MediaTooLarge,
    MissingVariable,
    NoBot,
    NoDefaultReason,
    NotAdmitted,
    NotAMember,
    NotASearch,
    NotContracted,
    NotDecodable,
    NotFound,
    NothingToSend,
    NotInDoubt,
    NotInReview,
    NotLinked,
    NotOffered,
    NotPermitted,
    NotSendable,
    NotTheirs,
    NotWithdrawable,
    OptedOut,
    OutcomeUnknown,
    Permanent,
    PortFailure,
    PortMissing,
    Problem,
    ReasonRequired,
    RuleFailed,
    RuleViolation,
    SecondPersonRequired,
    TallyFull,
    Temporary,
    TextTooLong,
    TooManyTags,
    TooManyTransfers,
    TransitionNotAllowed,
    VersionConflict,
    WindowClosed,
    WrongParameters,
)
from chatcore.vocabulary import Ability, BonusKind, EffectState, MessageKind, Module, Situation

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

# One of each class: its kind, its rule, the branch it stands on, and its attributes.
TREE = [
    (InvalidValue.of("text", "empty"), "invalid_value", ErrorKind.INVALID, None, ValueError),
    (
        NotASearch(Problem("search", "no_words"), suggestions=("boleto",)),
        "not_a_search",
        ErrorKind.INVALID,
        None,
        InvalidValue,
    ),
    (
        NotDecodable.of("value.tags[3]", "not_a_text"),
        "not_decodable",
        ErrorKind.INVALID,
        None,
        InvalidValue,
    ),
    (NotFound("agent", "ana"), "not_found", ErrorKind.NOT_FOUND, None, ChatcoreError),
    (NotPermitted(Ability.TAKE), "not_permitted", ErrorKind.NOT_ALLOWED, "P", RuleViolation),
    (NotContracted(Module.CHAT), "not_contracted", ErrorKind.NOT_CONTRACTED, "S23", RuleViolation),
    (NotAdmitted("Take", Situation.CLOSED), "not_admitted", ErrorKind.REFUSED, "L18", RuleViolation),
    (TransitionNotAllowed("open", "Taken"), "transition_not_allowed", ErrorKind.REFUSED, "L", RuleViolation),
    (ReasonRequired(("cpf",)), "reason_required", ErrorKind.REFUSED, "S19", RuleViolation),
    (AlreadyLive("cv_1"), "already_live", ErrorKind.CONFLICT, "L3", RuleViolation),
    (AlreadyTaken("cv_1", "ana"), "already_taken", ErrorKind.CONFLICT, "L6", RuleViolation),
    (AtCapacity("ana", 2, 2), "at_capacity", ErrorKind.REFUSED, "L7", RuleViolation),
    (AgentInactive("ana"), "agent_inactive", ErrorKind.REFUSED, "L9", RuleViolation),
    (NotAMember("ana", "fin"), "not_a_member", ErrorKind.REFUSED, "L7", RuleViolation),
    (TooManyTransfers(50), "too_many_transfers", ErrorKind.REFUSED, "L9", RuleViolation),
    (NoDefaultReason(), "no_default_reason", ErrorKind.REFUSED, "L10", RuleViolation),
    (NoBot("wa"), "no_bot", ErrorKind.REFUSED, "L5", RuleViolation),
    (ContactBlocked(), "contact_blocked", ErrorKind.REFUSED, "L21", RuleViolation),
    (WindowClosed(NOON), "window_closed", ErrorKind.REFUSED, "M5", RuleViolation),
    (WindowClosed(None), "window_closed", ErrorKind.REFUSED, "M5", RuleViolation),
    (TextTooLong(4096, 5000), "text_too_long", ErrorKind.REFUSED, "M6", RuleViolation),
    (MissingVariable("contact"), "missing_variable", ErrorKind.REFUSED, "C7", RuleViolation),
    (KindNotCarried(MessageKind.STICKER), "kind_not_carried", ErrorKind.REFUSED, "M6", RuleViolation),
    (MediaNotCarried("image/gif"), "media_not_carried", ErrorKind.REFUSED, "M6", RuleViolation),
    (MediaTooLarge(1000, 1001), "media_too_large", ErrorKind.REFUSED, "M6", RuleViolation),
    (CaptionNotCarried(MessageKind.AUDIO), "caption_not_carried", ErrorKind.REFUSED, "M6", RuleViolation),
    (OptedOut(), "opted_out", ErrorKind.REFUSED, "M16", RuleViolation),
    (WrongParameters(2, 3), "wrong_parameters", ErrorKind.REFUSED, "M6", RuleViolation),
    (TooManyTags(20, 21), "too_many_tags", ErrorKind.REFUSED, "C5", RuleViolation),
    (FieldsRequired(("cpf", "plan")), "fields_required", ErrorKind.REFUSED, "C9", RuleViolation),
    (ContactMerged("ct_2"), "contact_merged", ErrorKind.CONFLICT, "M11", RuleViolation),
    (NotInDoubt("cv_1.2"), "not_in_doubt", ErrorKind.REFUSED, "M2", RuleViolation),
    (NotLinked(), "not_linked", ErrorKind.REFUSED, "B2", RuleViolation),
    (NotTheirs("k1"), "not_theirs", ErrorKind.REFUSED, "B2", RuleViolation),
    (NotOffered("boleto:pix"), "not_offered", ErrorKind.REFUSED, "B4", RuleViolation),
    (NotSendable(("b1", "b2")), "not_sendable", ErrorKind.REFUSED, "B3", RuleViolation),
    (NothingToSend(("b1",)), "nothing_to_send", ErrorKind.REFUSED, "B4", RuleViolation),
    (BonusOverLimit(BonusKind.DAYS, "5"), "bonus_over_limit", ErrorKind.NOT_ALLOWED, "B8", RuleViolation),
    (BonusOverLimit(BonusKind.DAYS, None), "bonus_over_limit", ErrorKind.NOT_ALLOWED, "B8", RuleViolation),
    (AlreadyAsked("ef_1", EffectState.UNKNOWN), "already_asked", ErrorKind.CONFLICT, "B11", RuleViolation),
    (
        NotWithdrawable("ef_1", EffectState.IN_FLIGHT),
        "not_withdrawable",
        ErrorKind.CONFLICT,
        "B11",
        RuleViolation,
    ),
    (NotInReview("ef_1", EffectState.FAILED), "not_in_review", ErrorKind.CONFLICT, "B11", RuleViolation),
    (SecondPersonRequired(), "second_person_required", ErrorKind.NOT_ALLOWED, "B11", RuleViolation),
    (CompanyRefusal("acme:weekend"), "company_refusal", ErrorKind.REFUSED, None, RuleViolation),
    (Conflict(), "conflict", ErrorKind.CONFLICT, None, ChatcoreError),
    (VersionConflict("cv_1", 3), "version_conflict", ErrorKind.CONFLICT, None, Conflict),
    (ClaimTaken("live:ct_1:wa"), "claim_taken", ErrorKind.CONFLICT, None, Conflict),
    (TallyFull("open:ana"), "tally_full", ErrorKind.CONFLICT, None, Conflict),
    (IdempotencyMismatch("k1"), "idempotency_mismatch", ErrorKind.CONFLICT, None, Conflict),
    (EffectPending("ef_1"), "effect_pending", ErrorKind.CONFLICT, None, Conflict),
    (LeaseLost("ef_1"), "lease_lost", ErrorKind.CONFLICT, None, Conflict),
    (PortFailure(), "port_failure", ErrorKind.UNAVAILABLE, None, ChatcoreError),
    (Temporary(timedelta(seconds=30)), "temporary", ErrorKind.UNAVAILABLE, None, PortFailure),
    (Temporary(), "temporary", ErrorKind.UNAVAILABLE, None, PortFailure),
    (OutcomeUnknown("cm_1"), "outcome_unknown", ErrorKind.IN_DOUBT, None, PortFailure),
    (OutcomeUnknown(), "outcome_unknown", ErrorKind.IN_DOUBT, None, PortFailure),
    (Permanent("131026"), "permanent", ErrorKind.REFUSED, None, PortFailure),
    (ContractViolation("storage", "read"), "contract_violation", ErrorKind.DEFECT, None, PortFailure),
    (RuleFailed("no_sunday"), "rule_failed", ErrorKind.DEFECT, None, ChatcoreError),
    (PortMissing("messaging:whatsapp_cloud"), "port_missing", ErrorKind.DEFECT, None, PortFailure),
    (ChatcoreError(), "error", ErrorKind.DEFECT, None, Exception),
    (RuleViolation(), "rule_violation", ErrorKind.REFUSED, None, ChatcoreError),
]

EACH = pytest.mark.parametrize("error", [row[0] for row in TREE], ids=lambda error: error.code)


def test_every_error_of_the_tree_is_in_these_tests() -> None:
    """None is left out, and none stands outside the one root."""
    ours = {
        cls
        for name in errors.__all__
        if isinstance(cls := getattr(errors, name), type) and issubclass(cls, Exception)
    }
    assert {type(row[0]) for row in TREE} == ours
    assert all(issubclass(cls, ChatcoreError) for cls in ours)


@pytest.mark.parametrize(("error", "code", "kind", "rule", "branch"), TREE, ids=[row[1] for row in TREE])
def test_code_kind_rule_and_branch_are_fixed(
    error: ChatcoreError, code: str, kind: ErrorKind, rule: str | None, branch: type[Exception]
) -> None:
    """A service may rely on each of them."""
    assert (error.code, error.kind, error.rule) == (code, kind, rule)
    assert isinstance(error, branch)


def test_codes_belong_to_one_class_each() -> None:
    """No two kinds of error share a code."""
    classes = {type(row[0]) for row in TREE}
    assert len({cls.code for cls in classes}) == len(classes)


def test_kinds_are_the_closed_list_of_the_design() -> None:
    """So that a service maps them to HTTP in one line."""
    names = "INVALID REFUSED NOT_ALLOWED NOT_FOUND CONFLICT NOT_CONTRACTED UNAVAILABLE IN_DOUBT DEFECT"
    assert [kind.name for kind in ErrorKind] == names.split()


@EACH
def test_every_error_pickles_and_copies_whole(error: ChatcoreError) -> None:
    """Class, attributes, sentence and document survive."""
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert vars(twin) == vars(error)
        assert (str(twin), repr(twin), twin.document()) == (str(error), repr(error), error.document())


@EACH
def test_every_document_is_json(error: ChatcoreError) -> None:
    """Code, kind, rule, message and the typed attributes, ready for an HTTP answer."""
    document = error.document()
    assert json.loads(json.dumps(document)) == document
    assert [*document] == ["code", "kind", "rule", "message", "details"]
    assert document["code"] == error.code
    assert document["message"] == str(error) != ""
    assert [*document["details"]] == [*vars(error)]


def test_a_note_added_by_others_stays_out_of_the_document() -> None:
    """Details are the typed attributes; what somebody wrote on an error is not for us to publish."""
    error, noted = AlreadyTaken("cv_1", "ana"), AlreadyTaken("cv_1", "ana")
    noted.add_note("telefone 11 98765-4321")
    assert noted.document() == error.document()
    assert repr(noted) == repr(error)


def test_attributes_say_what_a_service_needs() -> None:
    """Typed values, in the words of the trade."""
    assert AlreadyTaken("cv_1", "ana").document()["details"] == {"conversation": "cv_1", "assignee": "ana"}
    assert AtCapacity("ana", 3, 2).document()["details"] == {"agent": "ana", "open": 3, "limit": 2}
    assert NotAdmitted("Take", Situation.CLOSED).document()["details"] == {
        "command": "Take",
        "situation": "closed",
    }
    assert WindowClosed(NOON).document()["details"] == {"closed_at": "2026-03-10T12:00:00+00:00"}
    assert Temporary(timedelta(seconds=1.5)).document()["details"] == {"retry_after": 1.5}
    assert Temporary().document()["details"] == {"retry_after": None}
    assert MediaTooLarge(1000, 1001).document()["details"] == {"limit": 1000, "actual": 1001}
    assert KindNotCarried(MessageKind.STICKER).document()["details"] == {"message_kind": "sticker"}
    assert WrongParameters(2, 3).document()["details"] == {"expected": 2, "actual": 3}
    assert FieldsRequired(("cpf", "plan")).document()["details"] == {"fields": ["cpf", "plan"]}
    assert ContactMerged("ct_2").document()["details"] == {"into": "ct_2"}
    assert CompanyRefusal("acme:weekend").document()["details"] == {"company_code": "acme:weekend"}
    assert NotTheirs("k1").document()["details"] == {"contract": "k1"}
    assert NotOffered("boleto:pix").document()["details"] == {"what": "boleto:pix"}
    assert NotSendable(("b1", "b2")).document()["details"] == {"ids": ["b1", "b2"]}
    assert BonusOverLimit(BonusKind.DAYS, "5").document()["details"] == {"bonus_kind": "days", "limit": "5"}
    for error in (AlreadyAsked, NotWithdrawable, NotInReview):
        details = error("ef_1", EffectState.IN_FLIGHT).document()["details"]
        assert details == {"effect": "ef_1", "state": "in_flight"}


def test_sentences_name_the_attributes() -> None:
    """A person reads what happened without looking further."""
    assert str(AlreadyTaken("cv_1", "ana")) == "agent 'ana' has this conversation"
    assert str(NotAdmitted("Take", Situation.CLOSED)) == "a conversation that is closed does not admit Take"
    assert str(AtCapacity("ana", 3, 2)) == "agent 'ana' has 3 open conversations, at most 2 are allowed"
    assert repr(NotAMember("ana", "fin")) == "NotAMember(agent='ana', department='fin')"
    assert str(MediaTooLarge(5, 6)) == "the file has 6 bytes, the channel carries 5"
    assert str(CaptionNotCarried(MessageKind.AUDIO)) == "the channel carries no caption with audio"
    assert str(TooManyTags(20, 21)) == "a conversation has at most 20 tags, this would make 21"
    assert str(NotInDoubt("cv_1.2")) == "message cv_1.2 is not in doubt"


def test_a_missing_id_is_not_repeated_in_the_sentence() -> None:
    """What was asked for may be anything a caller typed. Rule: P."""
    assert str(NotFound("contact", "11 98765-4321")) == "no contact with this id"


@pytest.mark.parametrize("code", ["acme:weekend", "a:b", "acme:no_close.2", f"{'a' * 40}:{'b' * 80}"])
def test_a_company_refuses_in_its_own_namespace(code: str) -> None:
    """Its codes stand apart from the library's, whose own never hold a colon."""
    assert CompanyRefusal(code).company_code == code
    assert not [error for error, own, *_ in TREE if ":" in own]


@pytest.mark.parametrize(
    "code",
    [
        "",
        "weekend",
        "acme:",
        ":weekend",
        "Acme:weekend",
        "acme:Weekend",
        "acme:week end",
        "acme:weekend\n",
        "acme:a:b",
        "5511987654321",
        f"{'a' * 41}:b",
        f"a:{'b' * 81}",
        None,
        5,
        b"acme:weekend",
    ],
)
def test_a_companys_code_without_a_namespace_is_refused(code: object) -> None:
    """What is no code could be anything, a phone for one; it is told at once, not when somebody reads it."""
    with pytest.raises(InvalidValue) as caught:
        CompanyRefusal(code)  # type: ignore[arg-type]
    assert caught.value.problems == (Problem("company_code", "not_a_company_code"),)


# --- problems ------------------------------------------------------------------------------------------------


def test_all_problems_are_told_at_once() -> None:
    """Every bad field with its path, in one error that is a ValueError too."""
    problems = (
        Problem("a", "empty"),
        Problem("b[0].name", "too_long", "C2", 40, 41),
        Problem("c", "bad", span=(1, 3)),
    )
    error = InvalidValue(*problems)
    assert isinstance(error, ValueError)
    assert error.problems == problems
    assert str(error) == "a: empty; b[0].name: too_long (41, at most 40); c: bad at 1..3"
    assert error.document()["details"] == {
        "problems": [
            {"path": "a", "code": "empty"},
            {"path": "b[0].name", "code": "too_long", "rule": "C2", "limit": 40, "actual": 41},
            {"path": "c", "code": "bad", "span": [1, 3]},
        ]
    }


def test_one_problem_is_an_error_in_one_step() -> None:
    """`InvalidValue.of` says one thing, with all that can be said of it."""
    error = InvalidValue.of("p", "c", rule="M6", limit=1, actual=2, span=(0, 1))
    assert error.problems == (Problem("p", "c", "M6", 1, 2, (0, 1)),)


def test_the_tree_is_at_hand_where_everything_else_is() -> None:
    """Whoever imports the package can name each error it raises."""
    assert chatcore.ChatcoreError is ChatcoreError
    assert chatcore.RuleViolation is RuleViolation
    assert chatcore.InvalidValue is InvalidValue
