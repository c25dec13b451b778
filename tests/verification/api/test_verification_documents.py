"""Phone bills: uploaded over HTTP, looked at on the command line, and what becomes of the order."""

import io
import stat

import pytest
from click.testing import CliRunner

import app

PATH = "/lineproof/v1/verification-documents"
NUMBER = "+19029052034"
PDF = b"%PDF-1.7\nMaple Street Dental +1 902 905 2034\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"x" * 30 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"x" * 30 + b"\xff\xd9"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/api.db")

    def run(*arguments):
        return CliRunner().invoke(app.main, arguments)

    return run


def upload(api, content=PDF, media_type="application/pdf", query=""):
    path = f"{PATH}{query}"
    return api.client.post(path, data=content, content_type=media_type, headers=api.auth())


def uploaded(api):
    return upload(api).get_json()["sid"]


def phone_bill(api, sid, number=NUMBER):
    return api.create(number, VerificationType="phone-bill", VerificationDocumentSid=sid)


def problem(answer, status, code):
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json()
    assert set(body) == {"type", "title", "status", "detail", "code"}
    assert (body["status"], body["code"]) == (status, code)
    return body["detail"]


@pytest.mark.parametrize(
    ("content", "said", "found"),
    [
        (PDF, "application/pdf", "application/pdf"),
        (PNG, "image/png", "image/png"),
        (JPEG, "image/jpeg", "image/jpeg"),
        (PDF, "application/octet-stream", "application/pdf"),
    ],
)
def test_a_document_is_known_by_its_content(api, content, said, found):
    made = upload(api, content, said)
    assert made.status_code == 201
    body = made.get_json()
    sid = body["sid"]
    assert sid.startswith("RI")
    assert {**body, "date_created": "", "date_updated": ""} == {
        "sid": sid,
        "account_sid": api.sid,
        "status": "pending-review",
        "reason": None,
        "media_type": found,
        "size": len(content),
        "date_created": "",
        "date_updated": "",
        "url": f"http://localhost{PATH}/{sid}",
    }
    assert api.client.get(f"{PATH}/{sid}", headers=api.auth()).get_json() == body
    assert api.client.get(PATH, headers=api.auth()).get_json()["items"] == [body]


def test_a_document_may_come_as_the_one_file_of_a_multipart_body(api):
    def send(**parts):
        data = {name: (io.BytesIO(PDF), "bill.pdf") for name in parts}
        return api.client.post(PATH, data=data, headers=api.auth())

    assert send(File=1).get_json()["media_type"] == "application/pdf"
    problem(send(One=1, Two=2), 400, 20001)
    plain = "multipart/form-data; boundary=x"
    problem(upload(api, b"--x--", plain), 400, 20001)
    problem(upload(api, b"nothing", "multipart/form-data"), 400, 20001)


@pytest.mark.parametrize(
    ("content", "media_type", "status", "code"),
    [
        (b"", "application/pdf", 400, 20001),
        (b"MZ\x90", "application/pdf", 400, 20001),
        (PDF[:-6], "application/pdf", 400, 20001),
        (PNG[:-1], "image/png", 400, 20001),
        (PDF, "image/png", 400, 20001),
        (PDF, "text/html", 415, 20422),
        (PDF + b" " * (5 * 1024 * 1024) + b"%%EOF", "application/pdf", 400, 20001),
        (b" " * (6 * 1024 * 1024), "application/pdf", 413, 20001),
    ],
)
def test_what_is_no_such_document_is_a_problem(api, content, media_type, status, code):
    problem(upload(api, content, media_type), status, code)
    assert api.house.store.database()["phone_bills"].count == 0


def test_our_own_paths_answer_every_error_as_a_problem(api):
    problem(api.client.get(PATH), 401, 20003)
    problem(api.client.get(f"{PATH}/RI1", headers=api.auth()), 404, 20404)
    problem(api.client.get("/lineproof/v1/nothing", headers=api.auth()), 404, 20404)
    problem(api.client.delete(PATH, headers=api.auth()), 405, 20004)
    problem(upload(api, query=f"?AccountSid={api.another('Other').sid}"), 400, 21471)


def test_what_a_document_holds_is_sealed_in_the_database(api, tmp_path):
    uploaded(api)
    rows = api.house.store.database().execute("SELECT sealed FROM document_contents").fetchall()
    assert len(rows) == 1
    assert b"Maple" not in rows[0][0]
    assert all(b"Maple Street Dental" not in file.read_bytes() for file in tmp_path.glob("api.db*"))


def test_a_foreign_document_is_answered_as_an_unknown_one(api):
    sid = uploaded(api.another("Other"))
    problem(api.client.get(f"{PATH}/{sid}", headers=api.auth()), 404, 20404)
    assert phone_bill(api, sid).get_json()["code"] == 22118


@pytest.mark.parametrize("sid", ["", "RI1", "RI" + "0" * 32])
def test_create_and_update_need_an_existing_document(api, sid):
    assert phone_bill(api, sid).get_json()["code"] == 22118
    order = api.create().get_json()["sid"]
    form = {"VerificationDocumentSid": sid} if sid else {}
    refused = api.update(order, VerificationType="phone-bill", **form)
    assert (refused.status_code, refused.get_json()["code"]) == (400, 22118)
    assert api.get(order).get_json()["verification_type"] == "phone-call"


def test_a_document_is_that_of_one_order(api):
    sid = uploaded(api)
    assert phone_bill(api, sid).status_code == 201
    refused = phone_bill(api, sid, "+12124560000")
    assert refused.get_json()["code"] == 22118
    assert "upload one for each order" in refused.get_json()["message"]


def test_an_accepted_bill_verifies_the_order(api, run, tmp_path):
    sid = uploaded(api)
    order = phone_bill(api, sid).get_json()
    assert (order["status"], order["verification_document_sid"]) == ("received", sid)
    v2 = api.client.get(f"/v2/HostedNumber/Orders/{order['sid']}", headers=api.auth()).get_json()
    assert v2["next_step"] == "Wait for the review of the phone bill."
    assert sid in run("document", "list").output
    assert order["sid"] in run("document", "list").output
    file = tmp_path / "bill.pdf"
    assert NUMBER in run("document", "show", sid, str(file)).output
    assert file.read_bytes() == PDF
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run("document", "show", sid, str(file)).exit_code == 2
    assert run("document", "accept", sid, "+12124560000").exit_code == 2
    assert api.get(order["sid"]).get_json()["status"] == "received"
    assert run("document", "accept", sid, NUMBER).output.endswith("is verified.\n")
    assert api.get(order["sid"]).get_json()["status"] == "verified"
    assert run("document", "list").output == ""
    with api.house.store.read() as tx:
        assert tx.audit.of_object(order["sid"])[-1].actor == "operator"
        assert [entry.event for entry in tx.audit.of_object(sid)] == [
            "document uploaded",
            "document accepted",
        ]
    again = run("document", "refuse", sid, "late")
    assert again.exit_code == 2
    assert "has been accepted already" in again.output


def test_a_refused_bill_asks_for_action_and_another_one_resumes(api, run):
    first, second = uploaded(api), uploaded(api)
    order = phone_bill(api, first).get_json()["sid"]
    assert run("document", "refuse", first, "  ").exit_code == 2
    assert run("document", "refuse", first, "The number cannot be read").exit_code == 0
    stopped = api.get(order).get_json()
    assert stopped["status"] == "action-required"
    assert stopped["failure_reason"] == "The phone bill was refused: The number cannot be read"
    shown = api.client.get(f"{PATH}/{first}", headers=api.auth()).get_json()
    assert (shown["status"], shown["reason"]) == ("refused", "The number cannot be read")
    assert api.update(order, FriendlyName="x").get_json()["status"] == "action-required"
    resumed = api.update(order, VerificationDocumentSid=second).get_json()
    assert (resumed["status"], resumed["failure_reason"]) == ("received", None)
    assert api.update(order, VerificationDocumentSid=first).get_json()["code"] == 22118
    assert run("document", "accept", second, NUMBER).exit_code == 0
    assert api.get(order).get_json()["status"] == "verified"


def test_who_asks_again_after_a_refusal_is_asked_for_another_document(api, run):
    sid = uploaded(api)
    order = phone_bill(api, sid).get_json()["sid"]
    assert run("document", "refuse", sid, "no name on it").exit_code == 0
    before = api.get(order).get_json()
    for form in ({"VerificationDocumentSid": sid}, {}):
        refused = api.update(order, VerificationType="phone-bill", **form)
        assert (refused.status_code, refused.get_json()["code"]) == (400, 22118)
        assert "upload another" in refused.get_json()["message"]
    assert api.get(order).get_json() == before
    assert api.update(order, FriendlyName="Desk").status_code == 200


def test_a_bill_cannot_be_accepted_for_an_order_that_has_another_one_by_now(api, run):
    looked_at, other = uploaded(api), uploaded(api)
    order = phone_bill(api, looked_at).get_json()["sid"]
    api.update(order, VerificationDocumentSid=other)
    assert run("document", "accept", looked_at, NUMBER).exit_code == 2
    assert api.get(order).get_json()["status"] == "received"


def test_another_documents_change_does_not_resume_an_order_that_used_up_its_calls(api, run):
    order = api.create().get_json()["sid"]
    api.house.store.database().execute("UPDATE orders SET status = 'action-required'")
    changed = api.update(
        order, VerificationType="phone-bill", VerificationDocumentSid=uploaded(api)
    ).get_json()
    assert changed["status"] == "action-required"


def test_an_unknown_document_is_named(run):
    assert "there is no document RI1" in run("document", "accept", "RI1", NUMBER).output
