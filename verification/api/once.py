"""``Idempotency-Key`` on a POST: what is sent again is not done again, and answered as before."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Response, request

from verification import idempotency
from verification.api import errors
from verification.api.context import Context
from verification.idempotency import Answer, Keyed

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"

log = structlog.get_logger()


def answered(context: Context, account_sid: str, carry_out: Callable[[], Response]) -> Response:
    """Answer this request, once for each key. Raises BadKey, UnderWay, OtherRequest.

    An answer is kept if it is a good one, or if anything was changed: a request that was refused as
    a whole may be sent again under its key, with what was wrong in it mended.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method != "POST":
        return carry_out()
    keyring = context.keyring
    one = idempotency.key_id(keyring, account_sid, request.method, request.path, key)
    asked = idempotency.asked(keyring, request.mimetype, request.get_data())
    with context.store.write() as tx:
        begun = idempotency.begin(tx, keyring, one, account_sid, asked, context.now())
    if isinstance(begun, Answer):
        again = Response(begun.body, begun.status, content_type=begun.media_type)
        again.headers[REPLAYED] = "true"
        return again
    response = _carried_out(context, begun, carry_out)
    answer = Answer(response.status_code, response.content_type or "", response.get_data())
    try:
        with context.store.write() as tx:
            idempotency.finish(tx, keyring, begun, answer)
    except Exception:  # what was done is done, and is answered; only again it cannot be
        log.exception("the answer of a keyed request is not kept")
    return response


def _carried_out(context: Context, begun: Keyed, carry_out: Callable[[], Response]) -> Response:
    try:
        with idempotency.carrying_out(begun):
            return carry_out()
    except Exception as error:
        with context.store.write() as tx:
            unchanged = idempotency.give_up(tx, begun)
        if unchanged:
            raise
        return errors.answer(error)
