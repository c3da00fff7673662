"""Brazilian formats: values with a canonical key, read in every usual spelling."""

from chatcore.br.access_key import AccessKey, parse_access_key
from chatcore.br.boleto import DigitableLine, LineKind, parse_barcode, parse_line
from chatcore.br.money import Money, parse_money
from chatcore.br.phone import Phone, parse_phone
from chatcore.br.pix import PixCode, parse_pix
from chatcore.br.tax_id import TaxId, TaxIdKind, parse_tax_id

__all__ = [
    "AccessKey",
    "DigitableLine",
    "LineKind",
    "Money",
    "Phone",
    "PixCode",
    "TaxId",
    "TaxIdKind",
    "parse_access_key",
    "parse_barcode",
    "parse_line",
    "parse_money",
    "parse_phone",
    "parse_pix",
    "parse_tax_id",
]
