"""Each operation of the API as a call of Twilio's SDKs: one table for Python, Node and raw HTTP.

``at`` is the way through the Python SDK's client; the Node SDK's differs only in camelCase and in
``remove`` for ``delete``. ``{names}`` in it are objects of ``sdk_world.seeded``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NUMBER = "+12124560101"
OTHER = "+12124560102"
THIRD = "+12124560103"
FOURTH = "+12124560104"
FIFTH = "+12124560105"
SIXTH = "+12124560106"
SEVENTH = "+12124560107"

PREVIEW = "preview.hosted_numbers.hosted_number_orders"
V2 = "numbers.v2.hosted_number_orders"
BULK = "numbers.v2.bulk_hosted_number_orders"
DOCUMENTS = "preview.hosted_numbers.authorization_documents"
V2_DOCUMENTS = "numbers.v2.authorization_documents"
V3 = "numbers.v3.hosted_number_orders"
ACCOUNT = "api.v2010.accounts({account})"


@dataclass(frozen=True, slots=True)
class SdkCall:
    """One call of the SDKs. ``operation``: family and name of the Operation that answers it.

    ``own``: fields of the answer that are Lineproof's own, which an SDK does not show.
    ``lacking``: fields that an SDK has, and Twilio's file of this answer has not.
    ``body``: whether ``params["body"]`` is sent as JSON.
    """

    operation: str
    at: str
    params: Mapping[str, Any] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


ADDRESS = {
    "customer_name": "Maple Street Dental",
    "street": "14 Maple Street",
    "city": "Halifax",
    "region": "NS",
    "postal_code": "B3J 1A1",
    "iso_country": "CA",
}
ORDER = {
    "phone_number": NUMBER,
    "sms_capability": True,
    "friendly_name": "Front desk",
    "cc_emails": ["a@example.com", "b@example.com"],
    "sms_url": "https://example.com/sms",
    "sms_method": "GET",
    "status_callback_url": "https://example.com/status",
    "email": "owner@example.com",
}
MANY_ORDERS = {
    "friendly_name": "All desks",
    "notification_email": "owner@example.com",
    "request_items": [
        {
            "email": "owner@example.com",
            "address_sid": "{address}",
            "contact_phone_number": "+19029050000",
            "numbers": [{"phone_number": FIFTH}, {"phone_number": SIXTH}],
        }
    ],
}
ASKED = {"friendly_name": "One desk", "phone_numbers": [{"phone_number": FIFTH}]}
ORDER_V2 = {
    "phone_number": OTHER,
    "contact_phone_number": "+19029050000",
    "address_sid": "{address}",
    "email": "owner@example.com",
    "contact_title": "Manager",
    "sms_capability": True,
}
DOCUMENT = {
    "address_sid": "{letter_address}",
    "email": "anne@example.com",
    "cc_emails": ["front@example.com"],
    "contact_title": "Owner",
    "contact_phone_number": "+19029050000",
}

SETTINGS = {
    "friendly_name": "Reception desk",
    "sms_url": "https://example.com/inbound",
    "sms_method": "GET",
    "status_callback": "https://example.com/sent",
    "voice_url": "https://example.com/voice",
    "voice_caller_id_lookup": True,
    "address_sid": "{address}",
}
SERVICE = "messaging.v1.services({service}).phone_numbers"

OF_CALLS = ("stir_verstat",)
OF_LISTS = ("request_variables", "response_body", "response_headers")
LANGUAGE = ("language",)
PREVIEW_OWN = ("language", "code_entry")

# In this order: what is deleted is not needed any more.
CALLS: tuple[SdkCall, ...] = (
    SdkCall(
        "preview_orders.create", f"{PREVIEW}.create", ORDER | {"unique_name": "front"}, PREVIEW_OWN
    ),
    SdkCall("preview_orders.list", f"{PREVIEW}.list", {"status": "received"}, PREVIEW_OWN),
    SdkCall("preview_orders.fetch", f"{PREVIEW}({{called}}).fetch", {}, PREVIEW_OWN),
    SdkCall(
        "preview_orders.update",
        f"{PREVIEW}({{order}}).update",
        {"friendly_name": "Back desk", "extension": "ww2", "call_delay": 7},
        PREVIEW_OWN,
    ),
    SdkCall("numbers_v2_orders.create", f"{V2}.create", ORDER_V2, LANGUAGE),
    SdkCall("numbers_v2_orders.list", f"{V2}.list", {"sms_capability": True}, LANGUAGE),
    SdkCall("numbers_v2_orders.fetch", f"{V2}({{called}}).fetch", {}, LANGUAGE),
    SdkCall(
        "numbers_v2_orders.update",
        f"{V2}({{order}}).update",
        {
            "status": "pending-verification",
            "verification_call_delay": 60,
            "verification_call_extension": "w5",
        },
        LANGUAGE,
    ),
    SdkCall(
        "numbers_v3_orders.create", f"{V3}.create", ORDER | {"phone_number": THIRD}, PREVIEW_OWN
    ),
    SdkCall("numbers_v2_bulk.create", f"{BULK}.create", {"body": MANY_ORDERS}),
    SdkCall("numbers_v2_bulk.fetch", f"{BULK}({{bulk}}).fetch", {"order_status": "received"}),
    SdkCall("numbers_v1_eligibility.check", "numbers.v1.eligibilities.create", {"body": ASKED}),
    SdkCall(
        "numbers_v1_eligibility.create",
        "numbers.v1.bulk_eligibilities.create",
        {"body": ASKED},
    ),
    SdkCall("numbers_v1_eligibility.fetch", "numbers.v1.bulk_eligibilities({eligibility}).fetch"),
    SdkCall("accounts.create", "api.v2010.accounts.create", {"friendly_name": "Branch"}),
    SdkCall("accounts.list", "api.v2010.accounts.list", {"status": "active"}),
    SdkCall("accounts.fetch", f"{ACCOUNT}.fetch"),
    SdkCall(
        "accounts.update",
        "api.v2010.accounts({subaccount}).update",
        {"friendly_name": "Second branch", "status": "suspended"},
    ),
    SdkCall(
        "addresses.create",
        f"{ACCOUNT}.addresses.create",
        ADDRESS | {"friendly_name": "Main office", "emergency_enabled": True},
    ),
    SdkCall("addresses.list", f"{ACCOUNT}.addresses.list", {"iso_country": "CA"}),
    SdkCall("addresses.fetch", f"{ACCOUNT}.addresses({{address}}).fetch"),
    SdkCall(
        "addresses.update", f"{ACCOUNT}.addresses({{address}}).update", {"street": "1 Elm Street"}
    ),
    SdkCall(
        "addresses.dependents", f"{ACCOUNT}.addresses({{address}}).dependent_phone_numbers.list"
    ),
    SdkCall(
        "outgoing_caller_ids.validate",
        f"{ACCOUNT}.validation_requests.create",
        {
            "phone_number": FOURTH,
            "friendly_name": "Switchboard",
            "call_delay": 60,
            "extension": "ww2",
            "status_callback": "https://example.com/validated",
            "status_callback_method": "GET",
        },
    ),
    SdkCall("outgoing_caller_ids.list", f"{ACCOUNT}.outgoing_caller_ids.list"),
    SdkCall("outgoing_caller_ids.fetch", f"{ACCOUNT}.outgoing_caller_ids({{caller_id}}).fetch"),
    SdkCall(
        "outgoing_caller_ids.update",
        f"{ACCOUNT}.outgoing_caller_ids({{caller_id}}).update",
        {"friendly_name": "Reception"},
    ),
    SdkCall(
        "lookups.fetch_v1",
        "lookups.v1.phone_numbers({number}).fetch",
        {"type": ["carrier", "caller-name"]},
    ),
    SdkCall(
        "lookups.fetch_v2",
        "lookups.v2.phone_numbers({number}).fetch",
        {"fields": "line_type_intelligence,caller_name"},
    ),
    SdkCall(
        "preview_documents.create",
        f"{DOCUMENTS}.create",
        DOCUMENT | {"hosted_number_order_sids": ["{first_verified}"]},
    ),
    SdkCall("preview_documents.list", f"{DOCUMENTS}.list", {"status": "signing"}),
    SdkCall("preview_documents.fetch", f"{DOCUMENTS}({{document}}).fetch"),
    SdkCall(
        "preview_documents.dependents",
        f"{DOCUMENTS}({{document}}).dependent_hosted_number_orders.list",
        {"status": "pending-loa"},
        PREVIEW_OWN,
    ),
    SdkCall(
        "numbers_v2_documents.create",
        f"{V2_DOCUMENTS}.create",
        DOCUMENT | {"hosted_number_order_sids": ["{second_verified}"]},
    ),
    SdkCall("numbers_v2_documents.list", f"{V2_DOCUMENTS}.list", {"email": "anne@example.com"}),
    SdkCall("numbers_v2_documents.fetch", f"{V2_DOCUMENTS}({{document}}).fetch"),
    SdkCall(
        "numbers_v2_documents.dependents",
        f"{V2_DOCUMENTS}({{document}}).dependent_hosted_number_orders.list",
    ),
    SdkCall(
        "preview_documents.update",
        f"{DOCUMENTS}({{document}}).update",
        {"status": "opened", "email": "boss@example.com"},
    ),
    SdkCall("preview_documents.delete", f"{DOCUMENTS}({{document}}).delete"),
    SdkCall("numbers_v2_documents.delete", f"{V2_DOCUMENTS}({{second_document}}).delete"),
    SdkCall(
        "incoming_phone_numbers.list",
        f"{ACCOUNT}.incoming_phone_numbers.list",
        {"phone_number": "{number}", "origin": "hosted", "beta": True},
    ),
    SdkCall("incoming_phone_numbers.fetch", f"{ACCOUNT}.incoming_phone_numbers({{in_use}}).fetch"),
    SdkCall(
        "incoming_phone_numbers.update",
        f"{ACCOUNT}.incoming_phone_numbers({{in_use}}).update",
        SETTINGS,
    ),
    SdkCall("messaging_services.attach", f"{SERVICE}.create", {"phone_number_sid": "{in_use}"}),
    SdkCall("messaging_services.list", f"{SERVICE}.list"),
    SdkCall("messaging_services.fetch", f"{SERVICE}({{in_use}}).fetch"),
    SdkCall("messaging_services.detach", f"{SERVICE}({{in_use}}).delete"),
    SdkCall("calls.list", f"{ACCOUNT}.calls.list", {"to": "{number}"}, lacking=OF_CALLS),
    SdkCall("calls.fetch", f"{ACCOUNT}.calls({{call}}).fetch", lacking=OF_CALLS),
    SdkCall("notifications.list", f"{ACCOUNT}.notifications.list", {"log": 0}, lacking=OF_LISTS),
    SdkCall("notifications.fetch", f"{ACCOUNT}.notifications({{notification}}).fetch"),
    SdkCall(
        "notifications.list_of_call",
        f"{ACCOUNT}.calls({{refused_call}}).notifications.list",
        lacking=OF_LISTS,
    ),
    SdkCall(
        "notifications.fetch_of_call",
        f"{ACCOUNT}.calls({{refused_call}}).notifications({{notification}}).fetch",
    ),
    SdkCall(
        "incoming_phone_numbers.delete", f"{ACCOUNT}.incoming_phone_numbers({{in_use}}).delete"
    ),
    SdkCall("outgoing_caller_ids.delete", f"{ACCOUNT}.outgoing_caller_ids({{caller_id}}).delete"),
    SdkCall("preview_orders.delete", f"{PREVIEW}({{first_deleted}}).delete"),
    SdkCall("numbers_v2_orders.delete", f"{V2}({{second_deleted}}).delete"),
    SdkCall("addresses.delete", f"{ACCOUNT}.addresses({{unused_address}}).delete"),
)


def filled(value: Any, seeds: Mapping[str, str]) -> Any:
    """A value of the table with the seeds' SIDs in the place of their names."""
    if isinstance(value, str):
        return value.format_map(seeds) if "{" in value else value
    if isinstance(value, Mapping):
        return {name: filled(one, seeds) for name, one in value.items()}
    return [filled(one, seeds) for one in value] if isinstance(value, list) else value
