"""Many orders from a file, by the pages: look, then order in one piece, then watch it go on."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.conftest import LANDLINE, NUMBER
from tests.verification.console.conftest import ORDERS, Directory
from tests.verification.console.test_signer import Tags
from verification import accounts, fictional, order_lists
from verification.accounts import AccountStatus
from verification.bulk_duties import BulkOrdersDue
from verification.console.many_orders import MANY, MOST_BYTES, TEMPLATE
from verification.numbers import Line, LineType
from verification.operators import Role
from verification.ordering import Policy
from verification.statuses import Status

OTHER = "+19029052035"
LIST = f"phone_number,friendly_name,extension\n{NUMBER},Front desk,ww1\n{OTHER},Back office,\n"
MIXED = LIST + f"12,Wrong,\n{NUMBER},Again,\n,None,\n"


E164 = (
    "The number must be in E.164 form, as in +19025550123: + and 1, then ten digits, neither the "
    "area code nor the exchange beginning with 0 or 1"
)


class Uploader:
    """An operator with a list."""

    def __init__(self, desk, role=Role.OPERATOR):
        self.desk, self.client = desk, desk.client(role)
        self.token = desk.token(self.client)

    def post(self, **fields):
        given = {"account": self.desk.office.account.sid, "language": "fr", "act": "look"}
        data = given | {"csrf_token": self.token} | fields
        return self.client.post(MANY, data=data, content_type="multipart/form-data")

    def look(self, text, **fields):
        content = text if isinstance(text, bytes) else text.encode()
        return self.post(file=(io.BytesIO(content), "list.csv"), **fields)

    def order(self, page, **fields):
        """Press the button of a preview."""
        hidden = {
            a["name"]: a["value"]
            for tag, a in Tags(page.text).seen
            if tag == "input" and a.get("type") == "hidden"
        }
        return self.post(**hidden | {"act": "order"} | fields)


@pytest.fixture
def uploader(desk):
    return Uploader(desk)


def orders_of(desk):
    with desk.house.store.read() as tx:
        return tx.orders.page(desk.office.account.sid, {}, None, 50)


def rows(page):
    cells = re.findall(r"<tr><th scope=\"row\">(.*?)</th>(.*?)</tr>", page.text, re.DOTALL)
    text = [re.sub(r"<[^>]+>", " ", head + body) for head, body in cells]
    return [" ".join(one.split()) for one in text]


def test_looking_at_a_list_orders_nothing_and_names_each_bad_line(desk, uploader):
    page = uploader.look(MIXED)
    assert page.status_code == 200
    assert [row for row in rows(page) if row.startswith("Line")] == [
        f"Line 4 12 {E164}",
        f"Line 5 {NUMBER} The same number stands at line 2 already",
        "Line 6 The phone number is missing",
    ]
    assert "Order without the bad lines (2)" in " ".join(page.text.split())
    assert orders_of(desk) == []


def test_a_line_is_named_with_what_its_cells_and_what_its_account_have_against_it(desk, uploader):
    desk.ordered(NUMBER)
    page = uploader.look(f"phone_number,email\n{NUMBER},x\n{OTHER},y\n{OTHER},\n")
    first, second, third = [row for row in rows(page) if row.startswith("Line")]
    assert "This is no email address: x" in first
    assert "already in the hosting process" in first
    assert "y" in second
    assert third.endswith("The same number stands at line 3 already")


def test_what_was_looked_at_is_ordered_in_one_request(desk, uploader):
    answer = uploader.order(uploader.look(MIXED))
    assert answer.status_code == 303, answer.text
    made = {order.phone_number: order for order in orders_of(desk)}
    assert set(made) == {NUMBER, OTHER}
    first = made[NUMBER]
    assert (first.friendly_name, first.extension, first.language) == ("Front desk", "ww1", "fr")
    assert len({order.bulk_hosting_request_sid for order in made.values()}) == 1
    assert answer.headers["Location"] == f"{MANY}/{first.bulk_hosting_request_sid}"
    events = desk.office.events(first.bulk_hosting_request_sid)
    assert any(event.startswith("ordered in the console: OP") for event in events)


def test_a_second_click_orders_nothing_again(desk, uploader):
    page = uploader.look(LIST)
    first, second = uploader.order(page), uploader.order(page)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(orders_of(desk)) == 2


def test_what_has_changed_since_it_was_looked_at_is_shown_again(desk, uploader):
    page = uploader.look(LIST)
    desk.office.order(OTHER)
    answer = uploader.order(page)
    assert answer.status_code == 409
    assert "Nothing was ordered" in answer.text
    assert "already in the hosting process" in answer.text
    assert len(orders_of(desk)) == 1
    assert uploader.order(answer).status_code == 303
    assert len(orders_of(desk)) == 2


@pytest.mark.parametrize(
    "fields", [{"request": "x"}, {"request": ""}, {"count": "3"}, {"count": ""}, {"list": "x"}]
)
def test_a_form_that_no_page_of_ours_has_made_orders_nothing(desk, uploader, fields):
    answer = uploader.order(uploader.look(LIST), **fields)
    assert answer.status_code in (400, 409)
    assert orders_of(desk) == []


def test_a_list_of_nothing_but_bad_lines_has_no_button(uploader):
    page = uploader.look("phone_number\nx\n")
    assert page.status_code == 200
    assert 'value="order"' not in page.text
    assert "Nothing of this list can be ordered" in page.text


def test_all_bad_lines_come_as_a_file_that_no_spreadsheet_runs(uploader):
    text = "phone_number\n" + "".join(f'"=cmd|{n}"\n' for n in range(600))
    page = uploader.look(text)
    assert len([row for row in rows(page) if row.startswith("Line")]) == 500
    assert "are in the CSV file: 100" in page.text
    answer = uploader.order(page, act="bad")
    found = [*csv.DictReader(io.StringIO(answer.text))]
    assert answer.mimetype == "text/csv"
    assert [row["line"] for row in found] == [str(n) for n in range(2, 602)]
    assert all(row["phone_number"].startswith("'=") for row in found)


def test_the_template_is_a_list_that_can_be_read(desk, uploader):
    answer = uploader.client.get(TEMPLATE)
    assert answer.data.startswith(b"\xef\xbb\xbfphone_number,")
    assert "attachment" in answer.headers["Content-Disposition"]
    listed = order_lists.read(answer.data)
    assert listed.bad == []
    page = uploader.look(answer.data)  # its example is nobody's number
    assert "Nothing of this list can be ordered" in page.text
    with desk.house.store.write() as tx:
        test, _ = accounts.create(tx, desk.house.keyring, "Test", desk.clock.now(), test=True)
    assert fictional.check(listed.wishes[0].phone_number, test.test)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"account": "AC0"}, "Choose an account"),
        ({"language": "xx"}, "Choose a language"),
        ({"file": (io.BytesIO(b""), "")}, "Choose a file"),
    ],
)
def test_a_form_that_is_not_whole_says_what_is_missing(uploader, fields, told):
    given = {"file": (io.BytesIO(LIST.encode()), "list.csv")}
    answer = uploader.post(**given | fields)
    assert answer.status_code == 422
    assert told in answer.text


def test_an_account_that_is_suspended_orders_nothing(desk, uploader):
    page = uploader.look(LIST)
    with desk.house.store.write() as tx:
        accounts.set_status(tx, desk.office.account, AccountStatus.SUSPENDED, desk.clock.now())
    assert uploader.order(page).status_code == 422
    assert orders_of(desk) == []


def test_a_file_that_is_too_large_is_not_looked_at(desk, uploader):
    fields = {"csrf_token": uploader.token, "account": desk.office.account.sid, "language": "en"}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
             for name, value in fields.items()]  # fmt: skip
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    text = "".join(parts) + head + "x" * (order_lists.MOST_BYTES + 1) + "\r\n--b--\r\n"
    media_type = "multipart/form-data; boundary=b"
    answer = uploader.client.post(MANY, data=text.encode(), content_type=media_type)
    assert answer.status_code == 422
    assert "The file is too large" in answer.text


def test_a_file_that_is_far_too_large_is_not_read(uploader):
    answer = uploader.client.post(
        MANY,
        data=b"x" * (MOST_BYTES + 1),
        content_type="multipart/form-data; boundary=b",
    )
    assert answer.status_code == 413
    assert "The file is too large" in answer.text


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"", "multipart/form-data"),
        (b"nothing", "multipart/form-data; boundary=b"),
        (b"act=look", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 2 + b"--b--\r\n",
         "multipart/form-data; boundary=b"),
    ],
)  # fmt: skip
def test_what_is_no_such_form_is_refused_and_no_fault_of_ours(uploader, body, media_type):
    answer = uploader.client.post(MANY, data=body, content_type=media_type)
    assert answer.status_code in (400, 403)


def test_what_a_list_says_is_shown_as_text(uploader):
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    cell = evil.replace('"', '""')
    page = uploader.look(f'phone_number,friendly_name\n{NUMBER},"{cell}"\n"{cell}",x\n')
    tags = {tag for tag, _ in Tags(page.text).seen}
    assert "img" not in tags
    assert [a["src"] for tag, a in Tags(page.text).seen if tag == "script"] == [
        "/static/console.js"
    ]


class OneIsMobile(Directory):
    """Knows the second number as a mobile one."""

    def look_up(self, number):
        return Line(LineType.MOBILE, "x") if number == OTHER else LANDLINE


def test_the_page_of_a_request_says_how_far_it_is_and_what_became_of_it(desk, uploader):
    path = uploader.order(uploader.look(LIST)).headers["Location"]
    viewer = desk.client(Role.VIEWER)

    def bar():
        (found,) = [a for tag, a in Tags(viewer.get(path).text).seen if tag == "progress"]
        return found["value"], found["max"]

    assert bar() == ("0", "2")
    tag = viewer.get(path).headers["ETag"]
    assert viewer.get(path, headers={"If-None-Match": tag}).status_code == 304
    store = desk.house.store
    BulkOrdersDue(store, OneIsMobile(), Policy(), desk.clock.now).do()
    assert bar() == ("2", "2")
    text = viewer.get(path, headers={"If-None-Match": tag}).text
    assert "Every line was looked up." in text
    assert "Mobile numbers are not supported." in text
    found = [*csv.DictReader(io.StringIO(viewer.get(f"{path}.csv").text))]
    assert {(row["phone_number"], row["status"]) for row in found} == {
        (NUMBER, Status.RECEIVED),
        (OTHER, Status.FAILED),
    }
    assert path in uploader.client.get(MANY).text
    (order,) = [one for one in orders_of(desk) if one.phone_number == NUMBER]
    assert path in viewer.get(f"{ORDERS}/{order.sid}").text


@pytest.mark.parametrize("path", [f"{MANY}/BH0", f"{MANY}/BH0.csv", f"{MANY}/x.csv"])
def test_a_request_that_is_none_is_not_found(desk, path):
    assert desk.client(Role.VIEWER).get(path).status_code == 404
