"""Brazilian formats: values with a canonical key, read in every usual spelling."""

from chatcore.br.phone import Phone, parse_phone

__all__ = ["Phone", "parse_phone"]
