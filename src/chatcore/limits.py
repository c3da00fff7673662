"""Every limit the core itself sets, in one place, with its unit and its rule.

A channel's own limits (text length, window) are its capabilities; a workspace's are its policies.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

__all__ = [
    "ACCESS_KEY_LENGTH",
    "ADDRESS_LENGTH",
    "ATTACHMENT_BYTES",
    "BOLETOS",
    "BONUS_DAYS",
    "BONUS_MONTHS",
    "CALLBACK_LENGTH",
    "CLAIM_LEASE",
    "COMMAND_READ",
    "CONTRACTS",
    "COUNT_ROWS",
    "CUSTOMERS",
    "DELIVERY_ATTEMPTS",
    "DELIVERY_DEADLINE",
    "DOCUMENT_BYTES",
    "DOCUMENT_DEPTH",
    "DOCUMENT_ITEMS",
    "DOCUMENT_PROBLEMS",
    "DOUBT_DEADLINE",
    "FIELD_CHOICES",
    "FIELD_DIGITS",
    "FIELD_TEXT",
    "FIRST_RETRY",
    "HELD_ROWS",
    "HOLIDAYS",
    "HOURS_AHEAD",
    "ID_LENGTH",
    "INBOUND_TEXT",
    "INTERVALS_A_DAY",
    "JSON_DEPTH",
    "JSON_DIGITS",
    "JUSTIFICATION_LENGTH",
    "KEY_LENGTH",
    "LABEL_LENGTH",
    "LAST_ROWS",
    "LINE_LENGTH",
    "LINK_LENGTH",
    "LONGEST_RETRY",
    "LONGEST_SWEEP_PAUSE",
    "LONGEST_WINDOW",
    "MONEY_CENTS",
    "NAME_LENGTH",
    "NOTE_TEXT",
    "OCCURRENCES",
    "ORDER_DESCRIPTION",
    "ORDER_SUBJECT",
    "PAGE_ROWS",
    "PART_COUNT",
    "PAYLOAD_BYTES",
    "PIX_LENGTH",
    "PREVIEW_LENGTH",
    "QUERY_DEPTH",
    "QUERY_PARTS",
    "QUERY_TEXT",
    "QUERY_WORDS",
    "RAW_LENGTH",
    "REACTION_LENGTH",
    "SCREEN_READ",
    "SECRET_BYTES",
    "STATUS_KEPT",
    "SWEEP_LOOKS",
    "SWEEP_RETRY",
    "SWEEP_ROWS",
    "TAGS",
    "TAG_LENGTH",
    "TAX_ID_LENGTH",
    "TEMPLATE_LENGTH",
    "TEMPLATE_PARAMETERS",
    "TEMPLATE_VARIABLES",
    "TRANSCRIPT_MESSAGES",
    "TRANSFERS",
    "WHY_LENGTH",
]

INBOUND_TEXT: Final = 65_536
"""Code points of an inbound text that are kept; the rest is cut and flagged. Rule: M14."""

RAW_LENGTH: Final = 65_536
"""Code points of an unknown payload that are kept as they came. Rule: M8."""

NAME_LENGTH: Final = 200
"""Code points of a contact's name."""

WHY_LENGTH: Final = 1_000
"""Code points of why a contact is blocked. Rule: S20."""

NOTE_TEXT: Final = 10_000
"""Code points of a private note in a conversation. Rule: M15."""

LABEL_LENGTH: Final = 80
"""Code points of a reason's, department's or agent's name, also after normalisation. Rule: C2."""

TAG_LENGTH: Final = 40
"""Code points of a tag's name or a quick reply's shortcut, also after normalisation. Rule: C2."""

REACTION_LENGTH: Final = 64
"""Code points of a reaction: one emoji, however long its sequence. Rule: M9."""

TAGS: Final = 20
"""Tags of one conversation at most. Rule: C5."""

FIELD_TEXT: Final = 1_000
"""Code points of a custom field's text value. Rule: C9."""

FIELD_DIGITS: Final = 30
"""Digits of a custom field's number, before and after the point together. Rule: C9."""

FIELD_CHOICES: Final = 100
"""Choices of one custom field at most. Rule: C9."""

PART_COUNT: Final = 5_000
"""Tags, reasons, quick replies, … of one workspace at most, each kind by itself."""

ATTACHMENT_BYTES: Final = 2 * 1024**3
"""Bytes of an attachment that may be named at all; a channel carries less. Rule: M17."""

TEMPLATE_PARAMETERS: Final = 20
"""Parameters of one approved template at most."""

HELD_ROWS: Final = 1_000
"""Rows that a follower of the feed may say it holds."""

COUNT_ROWS: Final = 1_000
"""Rows of a view that are counted; above that a screen shows "more than"."""

PREVIEW_LENGTH: Final = 120
"""Code points of the last message that a row shows. Rule: S22."""

SWEEP_RETRY: Final = timedelta(minutes=1)
"""How long a sweep leaves alone what it could not handle."""

LONGEST_SWEEP_PAUSE: Final = timedelta(hours=1)
"""The longest a sweep rests, so that a policy that became stricter is kept soon."""

LAST_ROWS: Final = 10
"""Closed conversations with one person that are asked for what goes on into the next. Rule: M5, L20."""

SWEEP_LOOKS: Final = 1_000
"""Conversations that one step of inner work looks at, handled or not."""

SWEEP_ROWS: Final = 100
"""Conversations that one step of inner work looks after."""

ID_LENGTH: Final = 255
"""Code points of an id that the service or a provider chose (an agent's, a message's at the provider)."""

KEY_LENGTH: Final = 255
"""Code points of an idempotency key or a correlation id."""

PAGE_ROWS: Final = 200
"""Rows of one page at most."""

TRANSFERS: Final = 50
"""Transfers of one conversation at most. Rule: L9."""

CLAIM_LEASE: Final = timedelta(seconds=60)
"""How long a claimed effect belongs to its claimer; past it the effect is in doubt."""

DELIVERY_ATTEMPTS: Final = 8
"""Attempts at one effect, counting those that certainly did not go out."""

FIRST_RETRY: Final = timedelta(seconds=2)
"""Wait after a first attempt that certainly did not go out; it doubles each time."""

LONGEST_RETRY: Final = timedelta(minutes=10)
"""The longest such wait."""

LONGEST_WINDOW: Final = timedelta(days=365)
"""The longest service window a channel may declare. Rule: M5."""

DELIVERY_DEADLINE: Final = timedelta(hours=24)
"""How long after its intent a message may still leave; later it is cancelled at its claim."""

DOUBT_DEADLINE: Final = timedelta(minutes=15)
"""How long a doubt may wait for a look-up or a report before a person sees it."""

SECRET_BYTES: Final = 64
"""Bytes of the secret that keys a desk's hashes, at most."""

STATUS_KEPT: Final = timedelta(days=30)
"""How long a status waits for a message nobody knows yet. Rule: M1, M3."""

ADDRESS_LENGTH: Final = 160
"""Code points of an address as a channel gives it: a number, or a user id of its own. Rule: M10, M11."""

CALLBACK_LENGTH: Final = 512
"""Code points of a key that WhatsApp Cloud takes with a message and reports back. Rule: M7."""

JSON_DEPTH: Final = 64
"""Objects and lists inside one another in a provider's payload; documented ones stay under 16."""

JSON_DIGITS: Final = 20
"""Digits of a whole number in a provider's payload: those of the largest unsigned 64-bit number."""

PAYLOAD_BYTES: Final = 3 * 1024 * 1024
"""Bytes of one provider payload: WhatsApp Cloud sends up to 3 MB."""

TEMPLATE_LENGTH: Final = 4_096
"""Code points of a text with variables, as it is written: what WhatsApp and Telegram carry. Rule: C7."""

TEMPLATE_VARIABLES: Final = 50
"""Uses of variables in one such text, repeats counted, so that a rendered one is in proportion. Rule: C7."""

HOLIDAYS: Final = 1_000
"""Days on which a workspace stays closed, at most. Rule: H1."""

INTERVALS_A_DAY: Final = 12
"""Intervals of business hours on one weekday at most. Rule: H1."""

HOURS_AHEAD: Final = 400
"""Days past today's that are searched for the next opening, closing or deadline. Rule: H1."""

MONEY_CENTS: Final = 9_999_999_999_999
"""Cents of an amount at most: a hundred billion reais, more than any boleto can say. Rule: B10."""

LINE_LENGTH: Final = 128
"""Code points of a digitable line or a bar code as it is written, spaces and dots counted. Rule: B5."""

PIX_LENGTH: Final = 512
"""Code points of a Pix code: what EMV QR advises and the Pix API of Banco Central carries. Rule: B6."""

BONUS_DAYS: Final = 366
"""Days that a bonus gives at most. Rule: B8."""

BONUS_MONTHS: Final = 12
"""Months from now that a bonus may be granted for, at most. Rule: B8."""

BOLETOS: Final = 20
"""Boletos, or fiscal invoices, that one command sends at most. Rule: S13, S14."""

CUSTOMERS: Final = 20
"""Customers that one look-up brings, or suggests, at most. Rule: B2."""

CONTRACTS: Final = 1_000
"""Contracts of one customer that are taken in, boletos and invoices likewise. Rule: S9."""

COMMAND_READ: Final = timedelta(seconds=10)
"""How long a port may take to read what a command needs."""

SCREEN_READ: Final = timedelta(seconds=2)
"""How long a port may take to read what a screen shows. Rule: B1."""

JUSTIFICATION_LENGTH: Final = 1_000
"""Code points of why a bonus is granted, or of what a review found. Rule: B8."""

ORDER_SUBJECT: Final = 200
"""Code points of a service order's subject. Rule: B12."""

ORDER_DESCRIPTION: Final = 10_000
"""Code points of a service order's description. Rule: B12."""

TRANSCRIPT_MESSAGES: Final = 1_000
"""Messages of a transcript at most: the last ones. Rule: B12."""

LINK_LENGTH: Final = 2_000
"""Characters of a link to a contract. Rule: S5."""

TAX_ID_LENGTH: Final = 40
"""Code points of a CPF or CNPJ as it is written, what stands between digits counted. Rule: R5."""

ACCESS_KEY_LENGTH: Final = 128
"""Code points of an access key as it is written, what stands between digits counted. Rule: B7."""

QUERY_TEXT: Final = 1_000
"""Code points of a search as it is typed, and of the words of one condition. Rule: S6."""

QUERY_WORDS: Final = 20
"""Words of one condition at most. Rule: S6."""

QUERY_PARTS: Final = 50
"""Conditions that one query combines at most. Rule: S6."""

QUERY_DEPTH: Final = 20
"""Combinations of conditions inside one another at most."""

OCCURRENCES: Final = 10_000
"""Places in one conversation that one search tells at most. Rule: S6."""

# --- serialization -------------------------------------------------------------------------------------------

DOCUMENT_BYTES: Final = 32 * 1024 * 1024
"""Bytes of one document, written or read. A service takes less from outside, before it reads it."""

DOCUMENT_ITEMS: Final = 1_000_000
"""Members of objects and items of lists in one document, all together, counted by commas and brackets."""

DOCUMENT_PROBLEMS: Final = 100
"""Problems of one document that are told at most: the first ones."""

DOCUMENT_DEPTH: Final = 100
"""Objects and lists inside one another in a document; the deepest condition (`QUERY_DEPTH`) needs about 70."""
