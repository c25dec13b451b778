"""What customers fill in, on every page, in every mail, file and feed: it is text and nothing else.

The browser itself is asked, not the markup: no dialog opens, nothing runs, no element is there that
we did not make.
"""

from __future__ import annotations

import csv
import io
import itertools
import time
from dataclasses import replace

import pypdf
import pytest
from playwright.sync_api import Page

import app
from tests.end_to_end.browser import browsing
from tests.end_to_end.pages import PAGES, World, world
from verification import ordering, proofs, signing
from verification.adapters.certificate_pdf import certificate_pdf
from verification.adapters.letter_pdf import letter_pdf
from verification.adapters.mail import Composer
from verification.certificate_sheet import sheet
from verification.letters import Signature
from verification.mails import MailKind, Message
from verification.orders import move
from verification.statuses import Mover, Status

# Each element that they make has the attribute `pwned`, and each script that runs says so.
PAYLOADS = [
    "<script pwned>alert(1)</script>",
    "<script pwned src=//evil.example></script>",
    "<img pwned src=x onerror=alert(1)>",
    "<img pwned/src=x/onerror=alert`1`>",
    "<svg pwned onload=alert(1)>",
    "<svg pwned><animate onbegin=alert(1) attributeName=x>",
    "<iframe pwned srcdoc='<script>parent.alert(1)</script>'>",
    "<iframe pwned src=javascript:alert(1)>",
    "<body pwned onload=alert(1)>",
    "<details pwned open ontoggle=alert(1)>",
    "<input pwned autofocus onfocus=alert(1)>",
    "<a pwned href=javascript:alert(1)>x</a>",
    "<form pwned action=//evil.example><button>x",
    "<base pwned href=//evil.example/>",
    "<meta pwned http-equiv=refresh content=0;url=//evil.example>",
    "<link pwned rel=stylesheet href=//evil.example>",
    "<style pwned>*{display:none}</style>",
    "<object pwned data=javascript:alert(1)>",
    "<embed pwned src=javascript:alert(1)>",
    "<video pwned><source onerror=alert(1)>",
    "<math pwned><mtext><a href=javascript:alert(1)>x",
    "<template pwned><script>alert(1)</script></template>",
    "x onmouseover=alert(1) pwned ",
    "javascript:alert(1)//",
    "{{ ''.__class__ }}{% raw %}${7*7}#{7*7}",
]
CLOSERS = ["", '">', "'>", "--></title>", "</textarea>", "</td></tr></table>", "</script>", "]]>"]
CLOSERS += ['" pwned autofocus onfocus="alert(1)" x="', "' pwned onfocus='alert(1)' x='"]
_PLAIN = [closer + payload for closer, payload in itertools.product(CLOSERS, PAYLOADS)]
VECTORS = _PLAIN + [vector.swapcase() for vector in _PLAIN]
FOREIGN = """() => [...document.querySelectorAll("*")].filter(e =>
    e.hasAttribute("pwned") || e.hasAttribute("PWNED")
    || [...e.attributes].some(a => a.name.startsWith("on")
        || (["href", "src", "action", "formaction", "data"].includes(a.name)
            && /^\\s*(javascript|data|vbscript):|^\\/\\/|evil\\.example/i.test(a.value)))
    || (e.localName === "script" && !/^\\/static\\/\\w+\\.js$/.test(e.getAttribute("src")))
).map(e => e.outerHTML.slice(0, 200))"""


def evil(name: str) -> str:
    """What somebody fills into a field who wants to get into the page."""
    mark = "<img pwned src=x onerror=alert(1)>\"'><script pwned>alert(1)</script>{{7*7}}"
    if name in ("email", "cc_email"):
        return f'"{mark}"@example.com'
    return f"javascript:alert(1)//{mark}" if name == "url" else f"{mark} {name}"[:120]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with world(tmp_path_factory.mktemp("evil"), evil) as made:
        yield made


class Watch:
    """What a page must not do, written down while it is looked at."""

    def __init__(self, page: Page) -> None:
        self.faults: list[str] = []
        self._page = page
        page.on("dialog", self._asked_by)
        page.on("pageerror", lambda error: self.faults.append(f"an error: {error}"))
        page.on("console", self._said)
        page.on("request", self._asked)

    def _asked_by(self, dialog):
        self.faults.append("a dialog")
        dialog.dismiss()

    def _said(self, said):
        if "Content Security Policy" in said.text:
            self.faults.append(said.text)

    def _asked(self, request):
        if "127.0.0.1" not in request.url and not request.url.startswith(("data:", "blob:")):
            self.faults.append(f"asked for {request.url}")

    def look(self, name: str) -> None:
        self.faults += [f"{name}: {found}" for found in self._page.evaluate(FOREIGN)]


def test_no_page_takes_what_customers_fill_in_for_anything_but_text(made):
    shown: dict[str, str] = {}
    with browsing(1280, "en") as inside, browsing(1280, "en") as outside:
        watches = {True: Watch(inside), False: Watch(outside)}
        inside.goto(made.base_url + made.sign_in_path())
        for visit in [visit for visits in PAGES.values() for visit in visits(made)]:
            page = inside if visit.signed_in else outside
            page.goto(made.base_url + visit.path)
            if visit.do:
                visit.do(page)
            watches[visit.signed_in].look(visit.name)
            shown[visit.name] = page.locator("body").inner_text()
    assert watches[True].faults + watches[False].faults == []
    # They do stand there, as they were typed: the test looks at what it says it looks at.
    for name, fields in SHOWN.items():
        for field in fields:
            assert evil(field) in shown[name], (name, field)


SHOWN = {
    "console-orders": ("account", "friendly_name", "reason"),
    "console-order": ("account", "friendly_name", "email", "cc_email", "url"),
    "console-order-trouble": ("reason",),
    "console-certificate": ("account",),
    "console-new-order": (),
    "console-letters": ("account", "email"),
    "console-callbacks": ("answer",),
    "signer": ("account", "customer_name", "street", "city"),
    "owner-ready": ("account",),
    "owner-rings": ("account",),
}


def test_500_ways_to_get_into_a_table_are_all_shown_as_text(made):
    with made.house.store.write() as tx:
        for n, vector in enumerate(VECTORS):
            number, now = f"+1212234{n:04d}", time.time()
            order = ordering.create(
                tx, made.office.account.sid, number, {"friendly_name": vector}, now
            )
            order = move(tx, order, Status.RECEIVED, Mover.LINEPROOF, now)
            move(tx, order, Status.ACTION_REQUIRED, Mover.LINEPROOF, now, vector)
    seen = 0
    with browsing(1280, "en") as page:
        watch = Watch(page)
        page.goto(made.base_url + made.sign_in_path())
        path = "/console/orders?number=%2B1212234"
        while path:
            page.goto(made.base_url + path)
            watch.look(path)
            seen += page.locator("tbody tr").count()
            older = page.locator('a[rel="next"]')
            path = str(older.get_attribute("href")) if older.count() else ""
    assert watch.faults == []
    assert seen == len(VECTORS) == 500


def test_the_eye_that_looks_for_foreign_elements_sees_them():
    with browsing(400, "en") as page:
        for payload in PAYLOADS[:22]:
            page.set_content("<p>nothing</p>")
            assert page.evaluate(FOREIGN) == []
            page.set_content(f"<p>{payload}</p>")
            assert page.evaluate(FOREIGN) != [], payload


@pytest.mark.parametrize("kind", MailKind)
def test_a_mail_shows_what_customers_fill_in_as_text(made, kind):
    facts = {name: evil(name) for name in ("name", "business", "customer", "order", "document")}
    facts |= {"number": "+1 902 ••• 2034", "until": evil("until"), "signed_at": "now"}
    link = {"count": 2, "link": "https://letters.example.com/x"}
    message = Message("ab" * 16, kind, "anne@example.com", "en", facts | link)
    mail = Composer(app.TEMPLATES, "letters@example.com").write(message, 1.0)
    html = mail.get_body(("html",))
    assert html is not None
    with browsing(800, "en") as page:
        watch = Watch(page)
        page.set_content(html.get_content())
        assert page.evaluate(FOREIGN) == []
        assert evil("customer") in page.locator("body").inner_text()
        assert watch.faults == []


def links_and_scripts(pdf: bytes) -> list[object]:
    read = pypdf.PdfReader(io.BytesIO(pdf))
    root = read.root_object
    names = [name for name in ("/OpenAction", "/AA", "/AcroForm") if name in root]
    return [*names, *(page["/Annots"] for page in read.pages if "/Annots" in page)]


def test_a_pdf_has_no_link_and_no_script_and_shows_the_text(made):
    marks = "<a href='javascript:alert(1)' pwned>x</a> <b>bold</b> &amp; <font size=99>"
    with made.house.store.read() as tx:
        desk = signing.Desk(tx, made.house.keyring, time.time())
        sid, sending = made.house.keyring.read_link(signing.LINK, made.letter.split("/")[-1])
        letter = signing.letter_out(desk, str(sid), int(sending))
        order = tx.orders.get(made.orders["done"].sid)
        said = proofs.claims(tx, order, marks, {"phone_number": order.phone_number})
        trail = [
            replace_entry(entry, marks) for entry in tx.audit.of_object(made.orders["failed"].sid)
        ]
    letter = replace(letter, customer=marks, business=marks)
    signed = letter_pdf(letter, Signature(marks, time.time(), "127.0.0.1", marks))
    whole = {**said, "iat": 1, "iss": marks, "jti": "x"}
    of_marks = proofs.Certificate("a.b.c", whole, trail, "https://example.com/<b>keys")
    certificate = certificate_pdf(sheet(of_marks))
    for pdf in (signed, certificate):
        assert links_and_scripts(pdf) == []
        text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
        squeezed = "".join(text.split())
        assert "".join(marks.split()) in squeezed


def replace_entry(entry, text):
    return entry._replace(detail=text)


def test_the_export_has_no_formula_and_is_no_page(made):
    client = signed_in(made)
    answer = client.get("/console/orders.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    for row in csv.DictReader(io.StringIO(answer.text)):
        for name, cell in row.items():
            assert name == "phone_number" or not cell.startswith(("=", "+", "-", "@"))


def test_a_feed_in_json_is_never_taken_for_a_page(made):
    order = made.orders["failed"]
    account = made.office.account
    token = made.house.keyring.open(account.auth_token, account.sid)
    paths = [
        f"/HostedNumbers/HostedNumberOrders/{order.sid}",
        f"/HostedNumbers/HostedNumberOrders/{evil('sid')}",
        f"/2010-04-01/Accounts/{account.sid}.json",
        f"/v1/PhoneNumbers/{order.phone_number}?Type=carrier",
        f"/v2/PhoneNumbers/{order.phone_number}?Fields=line_type_intelligence",
        f"/lineproof/v1/orders/{evil('sid')}/owner-link",
    ]
    texts = []
    for path in paths:
        answer = made.flask.test_client().get(path, auth=(account.sid, token))
        assert answer.mimetype in ("application/json", "application/problem+json"), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        texts.append(answer.text)
    assert "pwned" in "".join(texts)


def signed_in(made: World):
    client = made.flask.test_client()
    assert client.get(made.sign_in_path()).status_code == 303
    return client
