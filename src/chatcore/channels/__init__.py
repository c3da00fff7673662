"""Provider payload codecs: bytes in, typed items out, and request bodies as bytes. Pure; no codec does I/O.

* `items` holds what any provider's payload becomes, in provider-neutral words.
* Each other package or module reads and writes one provider's format: `whatsapp` is WhatsApp Cloud.
"""

__all__: list[str] = []
