"""The parameters of the API's forms: each with its bounds and Twilio's error number.

A model's fields are the core's names; the form's names are the same in PascalCase. A field that is
sent empty is cleared; one that is not sent is not touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar

from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic.alias_generators import to_pascal
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import (
    CoreSchema,
    no_info_after_validator_function,
    with_info_after_validator_function,
)

from verification import extension, forms, numbers, ordering, outgoing, sids, spoken_code
from verification.api import errors
from verification.api.errors import ApiError, Fault
from verification.outgoing import Network
from verification.statuses import Status

NAME_LENGTH = 128
CALLBACK_LENGTH = 1000
LONGEST = outgoing.URL_LENGTH  # of any value in a query


@dataclass(frozen=True, slots=True, eq=False)  # typing hashes it, and its schema has no hash
class Checked:
    """A check of a parameter; ``schema``: what the OpenAPI file says of what it lets through.

    ``informed``: the check also takes the context of the validation.
    """

    check: Callable[..., Any]
    schema: dict[str, Any]
    informed: bool = False

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        if self.informed:
            return with_info_after_validator_function(self.check, handler(source))
        return no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(core) | self.schema


def bad(code: int, message: str) -> PydanticCustomError:
    """What a check of a form raises: Twilio's number, and what is allowed."""
    # The message is ours and whole: braces in it are no placeholders.
    return PydanticCustomError(f"{code}", "{message}", {"message": message})


def printable(code: int, name: str) -> Any:
    """A text of at most NAME_LENGTH printable characters."""

    def check(value: str) -> str | None:
        if len(value) > NAME_LENGTH or not value.isprintable():
            raise bad(code, f"{name} must have at most {NAME_LENGTH} printable characters")
        return value or None

    return Checked(check, {"maxLength": NAME_LENGTH})


def url(name: str, code: int = 22105, longest: int = outgoing.URL_LENGTH) -> Any:
    """A URL that this server may ask, as far as it shows (``outgoing.check_url``)."""

    def check(value: str, info: ValidationInfo) -> str | None:
        try:
            if value:
                outgoing.check_url(value, info.context or ())
        except outgoing.ForbiddenUrl as error:
            raise bad(code, f"{name} {error}") from None
        if len(value) > longest:
            raise bad(code, f"{name} must have at most {longest} characters")
        return value or None

    return Checked(check, {"format": "uri", "maxLength": longest}, informed=True)


def callback(name: str) -> Any:
    """The URL of a validation request's callback (Twilio: error 21456)."""
    return url(name, 21456, CALLBACK_LENGTH)


def method(name: str) -> Any:
    """GET or POST."""

    def check(value: str) -> str | None:
        if value.upper() not in {"GET", "POST", ""}:
            raise bad(22106, f"{name} must be GET or POST")
        return value.upper() or None

    return Checked(check, {"format": "http-method", "enum": ["GET", "POST"]})


def sid_schema(kind: str) -> dict[str, Any]:
    """The JSON schema of a SID of one kind, as in Twilio's OpenAPI files."""
    return {"minLength": 34, "maxLength": 34, "pattern": f"^{kind}[0-9a-fA-F]{{32}}$"}


def sid(kind: str, code: int, name: str) -> Any:
    """A SID of one kind."""

    def check(value: str) -> str | None:
        if value and not sids.is_sid(value, kind):
            raise bad(code, f"{name} must be {kind} and 32 hexadecimal digits")
        return value or None

    return Checked(check, sid_schema(kind))


def required(name: str) -> Callable[[str | None], str]:
    """A text that may not be empty."""

    def check(value: str | None) -> str:
        if not value:
            raise bad(20001, f"Missing required parameter {name} in the post body")
        return value

    return check


def check_number(value: str) -> str:
    """What no account may order; what some may not, ordering refuses."""
    try:
        return value if numbers.is_fictional(value) else numbers.check(value)
    except ValueError as error:
        known = errors.refusal(error)
        raise bad(known.code if known else 20001, str(error)) from None


def _check_contact(value: str) -> str:
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", value, re.ASCII):
        raise bad(22102, "ContactPhoneNumber must be in E.164 form, as in +19025550123")
    return value


def _check_email(value: str) -> str | None:
    try:
        return validate_email(value, check_deliverability=False).normalized if value else None
    except EmailNotValidError as error:
        raise bad(22104, f"{value[:100]!r} is no email address: {error}") from None


def _check_emails(values: tuple[str, ...]) -> tuple[str, ...]:
    checked, wrong = [], []
    for value in values:
        try:
            checked.append(_check_email(value))
        except PydanticCustomError as error:
            wrong.append(str(error))
    if wrong:
        raise bad(22104, "; ".join(wrong))
    return tuple(email for email in checked if email)


def _check_true(value: str) -> bool:
    if value.lower() not in {"true", "false"}:
        raise bad(20001, "SmsCapability must be either 'true' or 'false'")
    if value.lower() == "false":
        raise bad(22119, "SmsCapability must be true: it is what is hosted")
    return True


def _check_extension(value: str) -> str:
    try:
        return extension.check_order(value)
    except extension.InvalidExtension as error:
        raise bad(22117, str(error)) from None


def _check_delay(value: Any) -> int:
    text, most = str(value), ordering.CALL_DELAY_SECONDS
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= most):
        raise bad(21454, f"CallDelay must be a whole number of seconds from 0 to {most}")
    return int(text)


def _check_status(value: str) -> Status:
    if value not in set(Status):
        raise bad(22111, f"Status must be one of {', '.join(Status)}")
    return Status(value)


def one_of(code: int, name: str, allowed: Sequence[str]) -> Any:
    """A parameter that has one of a few values, else an error with this number."""

    def check(value: str) -> str:
        if value not in allowed:
            raise bad(code, f"{name} must be one of {', '.join(allowed)}")
        return value

    return Checked(check, {"enum": list(allowed)})


PhoneNumber = Annotated[str, AfterValidator(check_number)]
ContactPhoneNumber = Annotated[str, Checked(_check_contact, {"format": "phone-number"})]
ContactTitle = Annotated[str, printable(20001, "ContactTitle")]
Boolean = Annotated[
    str, one_of(20001, "SmsCapability", ("true", "false")), WithJsonSchema({"type": "boolean"})
]
SmsCapability = Annotated[str, Checked(_check_true, {"type": "boolean"})]
Email = Annotated[str, Checked(_check_email, {"format": "email"})]
FriendlyName = Annotated[str, printable(22116, "FriendlyName")]
UniqueName = Annotated[str, printable(22115, "UniqueName")]
CcEmails = Annotated[tuple[str, ...], AfterValidator(_check_emails)]
VerificationType = Annotated[str, one_of(22120, "VerificationType", ("phone-call", "phone-bill"))]
VerificationDocumentSid = Annotated[str, sid("RI", 22118, "VerificationDocumentSid")]
Extension = Annotated[str, Checked(_check_extension, {"maxLength": extension.ORDER_LENGTH})]
CallDelay = Annotated[
    int,
    BeforeValidator(_check_delay),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": ordering.CALL_DELAY_SECONDS}),
]
CodeEntry = Annotated[str, one_of(20001, "CodeEntry", spoken_code.CODE_ENTRIES)]
Language = Annotated[str, one_of(20001, "Language", ordering.LANGUAGES)]
StatusWish = Annotated[Status, BeforeValidator(_check_status)]


class Form(BaseModel):
    """A form of the API."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore")

    def wishes(self, *without: str) -> dict[str, Any]:
        """The fields that were sent, by the core's names."""
        return self.model_dump(exclude_unset=True, exclude=set(without))


class CreateOrder(Form):
    """POST /HostedNumbers/HostedNumberOrders. ``Language`` is Lineproof's own."""

    phone_number: PhoneNumber
    sms_capability: SmsCapability
    account_sid: Annotated[str, sid(sids.ACCOUNT, 21470, "AccountSid")] = ""
    friendly_name: FriendlyName = ""
    unique_name: UniqueName = ""
    cc_emails: CcEmails = ()
    sms_url: Annotated[str, url("SmsUrl")] = ""
    sms_method: Annotated[str, method("SmsMethod")] = ""
    sms_fallback_url: Annotated[str, url("SmsFallbackUrl")] = ""
    sms_fallback_method: Annotated[str, method("SmsFallbackMethod")] = ""
    status_callback_url: Annotated[str, url("StatusCallbackUrl")] = ""
    status_callback_method: Annotated[str, method("StatusCallbackMethod")] = ""
    sms_application_sid: Annotated[str, sid("AP", 22108, "SmsApplicationSid")] = ""
    address_sid: Annotated[str, sid("AD", 22109, "AddressSid")] = ""
    email: Email = ""
    verification_type: VerificationType = "phone-call"
    verification_document_sid: VerificationDocumentSid = ""
    language: Language = "en"


class UpdateOrder(Form):
    """POST /HostedNumbers/HostedNumberOrders/{Sid}.

    ``Language`` and ``CodeEntry`` are Lineproof's own.
    """

    friendly_name: FriendlyName = ""
    unique_name: UniqueName = ""
    email: Email = ""
    cc_emails: CcEmails = ()
    status: StatusWish | None = None
    verification_code: str = ""
    verification_type: VerificationType = "phone-call"
    verification_document_sid: VerificationDocumentSid = ""
    extension: Extension = ""
    call_delay: CallDelay = 0
    code_entry: CodeEntry = "phone"
    language: Language = "en"


class ListOrders(Form):
    """The filters of GET /HostedNumbers/HostedNumberOrders."""

    status: StatusWish | None = None
    phone_number: str = ""
    incoming_phone_number_sid: str = ""
    friendly_name: str = ""
    unique_name: str = ""


FormT = TypeVar("FormT", bound=Form)


def read(
    model: type[FormT], pairs: Sequence[tuple[str, str]], networks: Sequence[Network] = ()
) -> FormT:
    """Check a form's pairs against a model; what it does not know is ignored, as Twilio does.

    ``networks``: what URLs may name though it is not public.
    Raises ApiError, which names every parameter that is wrong; the first gives its number.
    """
    known = {field.alias or name: field for name, field in model.model_fields.items()}
    many = {alias for alias, field in known.items() if field.annotation == tuple[str, ...]}
    values: dict[str, Any] = {}
    wrong: list[Fault] = []
    for name, value in pairs:
        if name in many:
            values.setdefault(name, []).append(value)
        elif name in known and name in values:
            wrong.append(Fault(name, 20001, f"{name} may be given only once"))
        else:
            values[name] = value
    try:
        form = model.model_validate(values, context=networks)
    except ValidationError as error:
        wrong += [_fault(one) for one in error.errors(include_url=False)]
    else:
        if not wrong:
            return form
    raise _refused(list(dict.fromkeys(wrong)))


def read_query(
    model: type[FormT], pairs: Sequence[tuple[str, str]], networks: Sequence[Network] = ()
) -> FormT:
    """``read`` for a query, whose filters have no bounds of their own. Raises ApiError."""
    form = read(model, pairs, networks)
    for name, value in pairs:
        if len(value) > LONGEST:
            raise ApiError(20001, 400, f"{name[:NAME_LENGTH]} has at most {LONGEST} characters")
    return form


def read_body(
    body: bytes,
    media_type: str,
    most_fields: int = forms.MOST_FIELDS,
    most_bytes: int = forms.MOST_BYTES,
) -> list[tuple[str, str]]:
    """The pairs of a request's body. Raises ApiError for another kind of body."""
    if body and media_type != forms.MEDIA_TYPE:
        raise ApiError(20422, 415, f"The Content-Type must be {forms.MEDIA_TYPE}")
    return forms.read(body, most_fields, most_bytes)


def _refused(faults: Sequence[Fault]) -> ApiError:
    """One fault as Twilio answers it; several in one sentence, and in the details by parameter."""
    if len(faults) == 1:
        return ApiError(faults[0].code, 400, faults[0].message)
    whole = errors.refused([replace(fault, where="") for fault in faults])
    details = errors.refused(faults).details
    return ApiError(whole.code, 400, whole.message, details)


def _fault(error: Any) -> Fault:
    name = str(error["loc"][0])
    if error["type"] == "missing":
        return Fault(name, 20001, f"Missing required parameter {name} in the post body")
    if str(error["type"]).isdigit():
        return Fault(name, int(error["type"]), str(error["ctx"]["message"]))
    return Fault(name, 20001, f"{name}: {error['msg']}")
