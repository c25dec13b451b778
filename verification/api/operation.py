"""One operation of the API: who may ask, what he sends, what he gets.

A family is a list of these. The same list makes the routes and the OpenAPI file, so that the two
cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel

from verification import audit, forms, sids
from verification.accounts import Account
from verification.api import auth, bodies, errors, once, parameters
from verification.api.auth import SignedIn
from verification.api.bodies import File, Json
from verification.api.context import Context
from verification.api.errors import ApiError
from verification.api.parameters import Form
from verification.gate import Gate
from verification.outgoing import Network
from verification.refusals import Refused


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked request: by whom, with which form or query, for which object.

    ``credential``: the SID that was signed in with. ``pairs``: the query as it was sent, for pages.
    ``path``: the names in the path.
    """

    account: Account
    credential: str
    form: Any
    pairs: Sequence[tuple[str, str]]
    path: dict[str, str]

    @property
    def by_key(self) -> bool:
        """Whether an API key asks, and not the account's own token."""
        return sids.is_sid(self.credential, sids.API_KEY)

    @property
    def sid(self) -> str:
        """The object that the path names."""
        return self.path["Sid"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    ``path`` as in OpenAPI: ``/HostedNumbers/HostedNumberOrders/{Sid}``. ``form``: the body of a
    POST (a form, JSON or a file), the query of a GET. ``answer``: the shape of ``run``'s answer;
    None: no body (204), or a ``file`` of this media type, which ``run`` gives as a response.
    ``most_fields``, ``most_bytes``: of the body. ``public``: whoever asks needs no account.
    """

    name: str
    method: str
    path: str
    run: Callable[[Asked], Any]
    form: type[Form] | type[Json] | type[File] = Form
    answer: type[BaseModel] | None = None
    status: int = HTTPStatus.OK
    most_fields: int = forms.MOST_FIELDS
    most_bytes: int = forms.MOST_BYTES
    file: str | None = None
    public: bool = False


def routes(name: str, context: Context, gate: Gate, operations: Sequence[Operation]) -> Blueprint:
    """The routes of a family; the core's refusals become Twilio's errors."""
    blueprint = Blueprint(name, __name__)
    for operation in operations:
        rule = operation.path.replace("{", "<").replace("}", ">")
        view = _view(context, gate, operation)
        blueprint.add_url_rule(rule, operation.name, view, methods=[operation.method])
    blueprint.register_error_handler(ApiError, errors.answer)
    blueprint.register_error_handler(Refused, errors.answer)
    for kind, _, _ in errors.REFUSALS:
        blueprint.register_error_handler(kind, errors.answer)
    return blueprint


def _view(context: Context, gate: Gate, operation: Operation) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        if operation.public:
            return respond(auth.NOBODY, path)
        who = auth.sign_in(context.store, context.keyring, gate)
        gate.of_account(who.account.sid)
        request.max_content_length = operation.most_bytes

        def carry_out() -> Response:
            with audit.signed_in(who.credential):
                return respond(who, path)

        return once.answered(context, who.account.sid, carry_out)

    def respond(who: SignedIn, path: dict[str, str]) -> Response:
        if any("\x00" in name for name in path.values()):  # PostgreSQL cannot even be asked for it
            raise errors.not_found()
        query = forms.read(request.query_string)
        form = _read(operation, query, context.callback_networks)
        answer = operation.run(Asked(who.account, who.credential, form, query, path))
        if isinstance(answer, Response):
            return answer
        if answer is None:
            return Response(status=HTTPStatus.NO_CONTENT)
        response = jsonify(answer.model_dump(mode="json", by_alias=True))
        response.status_code = operation.status
        return response

    return view


def _read(
    operation: Operation, query: Sequence[tuple[str, str]], networks: Sequence[Network]
) -> Form | Json | File:
    kind = operation.form
    if operation.method != "POST":
        return parameters.read_query(kind, query, networks) if issubclass(kind, Form) else kind()
    body = request.get_data()
    if issubclass(kind, Json):
        return bodies.read_json(kind, body, request.mimetype, networks)
    if issubclass(kind, File):
        return bodies.read_file(kind, body, request.mimetype, request.mimetype_params)
    return parameters.read(kind, _pairs(operation, body), networks)


def _pairs(operation: Operation, body: bytes) -> list[tuple[str, str]]:
    return parameters.read_body(body, request.mimetype, operation.most_fields, operation.most_bytes)
