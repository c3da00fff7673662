"""Reading digitable lines, against the same checks and values written by hand without a word on what is wrong.

Both sides read the same three lines as they are printed: a bank's, and a collection's of each modulus. Both
check every check digit and give the bar code, the amount in cents, the bank and the due-date factor. By hand
it is one function with the same arithmetic, the fastest we know, that gives a plain tuple, or raises
ValueError and does not say where. The library makes a value that cannot be made wrong, and is asked for each
part.
"""

from __future__ import annotations

from itertools import chain, repeat
from operator import mul
from typing import TypeAlias

from chatcore.br.boleto import parse_line
from tests.bench.measuring import Figure, batch, compare

BATCH, ROUNDS = 300, 300
LINES = (
    "23793.38128 60007.827136 95000.063305 9 75520000370000",
    "83620000000-5 66780048100-0 18097565731-3 00158963608-1",
    "85890000460-9 52460179160-5 60759305086-5 83148300001-0",
)

Said: TypeAlias = tuple[str, int, str | None, int | None]
"""Bar code, cents, bank, due-date factor."""

VALUES = bytes(48) + bytes(range(10)) + bytes(198)
DOUBLED = bytes(48) + bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)) + bytes(198)
WEIGHTS = bytes(2 + i % 8 for i in range(43))


def ours(text: str) -> Said:
    """Parse the line and ask for what it says."""
    line = parse_line(text)
    amount = line.amount
    return line.barcode, amount.cents if amount else 0, line.bank, line.due_factor


def by_hand(text: str) -> Said:
    """Check the line and cut it up.

    Raises:
        ValueError: it is not a line.
    """
    digits = text.replace(" ", "").replace(".", "").replace("-", "")
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("not digits")
    data = digits.encode()
    if len(digits) == 47 and digits[0] != "8":
        if mod10(data[:9]) != digits[9] or mod10(data[10:20]) != digits[20] or mod10(data[21:31]) != digits[31]:
            raise ValueError("a field does not fit")
        body = digits[33:] + digits[4:9] + digits[10:20] + digits[21:31]
        if "11987654321"[mod11((digits[:4] + body).encode())] != digits[32]:
            raise ValueError("it does not fit")
        barcode = digits[:4] + digits[32] + body
        cents = int(digits[37:] if digits[33] != "0" else digits[33:]) if digits[3] == "9" else 0
        return barcode, cents, digits[:3], None if digits[33] == "0" else int(digits[33:37])
    if len(digits) != 48 or digits[0] != "8" or digits[2] not in "6789":
        raise ValueError("no line has these digits")
    barcode = digits[:11] + digits[12:23] + digits[24:35] + digits[36:47]
    rest = (barcode[:3] + barcode[4:]).encode()
    if digits[2] in "67":
        fits = (
            mod10(rest) == digits[3]
            and mod10(data[:11]) == digits[11]
            and mod10(data[12:23]) == digits[23]
            and mod10(data[24:35]) == digits[35]
            and mod10(data[36:47]) == digits[47]
        )
    else:
        fits = (
            "00987654321"[mod11(rest)] == digits[3]
            and "00987654321"[mod11(data[:11])] == digits[11]
            and "00987654321"[mod11(data[12:23])] == digits[23]
            and "00987654321"[mod11(data[24:35])] == digits[35]
            and "00987654321"[mod11(data[36:47])] == digits[47]
        )
    if not fits:
        raise ValueError("it does not fit")
    return barcode, int(barcode[4:15]) if digits[2] in "68" else 0, None, None


def mod10(data: bytes) -> str:
    """The check digit by mod 10."""
    return "0987654321"[(sum(data[-1::-2].translate(DOUBLED)) + sum(data[-2::-2].translate(VALUES))) % 10]


def mod11(data: bytes) -> int:
    """The remainder by mod 11."""
    return sum(map(mul, reversed(data.translate(VALUES)), WEIGHTS)) % 11


def measure() -> Figure:
    """How much more the library costs."""

    def items() -> chain[str]:
        return chain.from_iterable(repeat(LINES, BATCH))

    return compare(batch(ours, items), batch(by_hand, items), rounds=ROUNDS)
