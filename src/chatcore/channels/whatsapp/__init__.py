"""WhatsApp Cloud: webhook payloads in, request bodies out. No I/O; the service owns the HTTP.

1. The signature is checked first, over the bytes as they came. A body that is parsed and written again has
   another signature: the provider escapes non-ASCII text its own way.
2. A body that is not the provider's at all (no JSON, another object, too large) is refused as a whole.
3. Inside a good body each item stands alone: one that cannot be read becomes `Unhandled`, and its neighbours
   pass. Rule: M8.
4. The same payload may come many times, for 7 days, in any order; reading it is deterministic and refuses
   nothing it accepted before. Rule: M1, M2.
5. A customer's message of a kind that is not read here, or not to be read, is UNKNOWN and whole. Rule: M8.
6. What a request says is checked for what the provider could not take in any case. Lengths and sizes are the
   channel's capabilities, checked when a message is decided on. Rule: M6.

Source: WhatsApp Business Platform, webhook reference (messages, status, group, smb_message_echoes), message
and media API, and business-scoped user ids; as of August 2026.
"""

from chatcore.channels.whatsapp.capabilities import CAPABILITIES
from chatcore.channels.whatsapp.requests import (
    media_request,
    read_send_response,
    template_request,
    text_request,
)
from chatcore.channels.whatsapp.signing import check_signature, signature_of
from chatcore.channels.whatsapp.webhook import read_webhook

__all__ = [
    "CAPABILITIES",
    "check_signature",
    "media_request",
    "read_send_response",
    "read_webhook",
    "signature_of",
    "template_request",
    "text_request",
]
