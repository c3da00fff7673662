"""Reading Pix codes, against the same checks and values written by hand without a word on what is wrong.

Both sides read the same two codes: a static one with a key, an amount and a txid, and a dynamic one. Both
check the row of fields and those in its templates (ids, lengths, none twice, none empty), the fixed values,
the order, the checksum by the same C function, that one account is Pix's, and the amount. By hand it is one
function that gives a plain tuple, or raises ValueError and does not say where. The library makes a value that
cannot be made wrong, with its private parts wrapped.
"""

from __future__ import annotations

from binascii import crc_hqx
from itertools import chain, repeat
from typing import TypeAlias

from chatcore.br.pix import parse_pix
from tests.bench.measuring import Figure, batch, compare

BATCH, ROUNDS = 200, 300
CODES = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865406123.455802BR"
    "5913Fulano de Tal6008BRASILIA62120508RP12345663041D09",
    "00020101021226770014BR.GOV.BCB.PIX2555pix.example.com/qr/93598be0-1bd0-4997-8318-81776a1d8a99"
    "5204000053039865802BR5907EMPRESA6009SAO PAULO62070503***6304EEAB",
)

Said: TypeAlias = tuple[str | None, str | None, str, str, str | None, int]
"""Key, address, name, city, txid, cents."""


def ours(text: str) -> Said:
    """Parse the code and ask for what it says."""
    code = parse_pix(text)
    return (
        code.key.reveal() if code.key else None,
        code.url,
        code.merchant_name,
        code.merchant_city,
        code.txid,
        code.amount.cents if code.amount else 0,
    )


def by_hand(text: str) -> Said:
    """Check the code and cut it up.

    Raises:
        ValueError: it is not a code.
    """
    text = text.strip(" \t\r\n")
    if not text or len(text) > 512 or not text.isprintable():
        raise ValueError("no text of a code")
    said = fields(text)
    if (
        text[:6] != "000201"
        or text[-8:-4] != "6304"
        or f"{crc_hqx(text[:-4].encode(), 0xFFFF):04X}" != text[-4:].upper()
    ):
        raise ValueError("not whole")
    if next(reversed(said)) != "63" or said.get("53") != "986" or said.get("58") != "BR" or "52" not in said:
        raise ValueError("not reais, not Brazil")
    accounts = []
    for id, value in said.items():
        if "26" <= id <= "51":
            account = fields(value)
            if account.get("00", "").lower() == "br.gov.bcb.pix":
                accounts.append(account)
    if len(accounts) != 1 or ("01" in accounts[0]) == ("25" in accounts[0]):
        raise ValueError("not one account")
    cents = 0
    if "54" in said:
        amount = said["54"]
        reais, _, rest = amount.partition(".")
        if not (amount.isascii() and (reais + rest).isdigit() and 1 <= len(reais) <= 10 and len(rest) <= 2):
            raise ValueError("not an amount")
        cents = int(reais) * 100 + int(rest.ljust(2, "0"))
    txid = fields(said["62"]).get("05") if "62" in said else None
    key, url = accounts[0].get("01"), accounts[0].get("25")
    if "59" not in said or "60" not in said:
        raise ValueError("no name or city")
    return key, url, said["59"], said["60"], None if txid == "***" else txid, cents


def fields(text: str) -> dict[str, str]:
    """The fields of a row.

    Raises:
        ValueError: it is none.
    """
    found: dict[str, str] = {}
    at, end = 0, len(text)
    while at < end:
        head = text[at : at + 4]
        if len(head) < 4 or not (head.isascii() and head.isdigit()):
            raise ValueError("no id and length")
        stop = at + 4 + int(head[2:])
        if stop > end or stop == at + 4 or head[:2] in found:
            raise ValueError("cut off, empty or repeated")
        found[head[:2]] = text[at + 4 : stop]
        at = stop
    return found


def measure() -> Figure:
    """How much more the library costs."""

    def items() -> chain[str]:
        return chain.from_iterable(repeat(CODES, BATCH))

    return compare(batch(ours, items), batch(by_hand, items), rounds=ROUNDS)
