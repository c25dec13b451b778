"""Lists of orders in CSV files, as people and their programs make them."""

from __future__ import annotations

import pytest

from verification import order_lists
from verification.bulk import MOST_NUMBERS
from verification.order_lists import COLUMNS

HEAD = "phone_number,friendly_name\n"
A, B, C = "+19029052034", "+19029052035", "+19029052036"


def read(text, **wishes):
    return order_lists.read(text if isinstance(text, bytes) else text.encode(), **wishes)


def bad(text):
    return [(one.line, one.reasons[0]) for one in read(text).bad]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_spreadsheets_save_is_read(end, between, mark):
    lines = [["Phone number", "friendly_name", "language"], [A, "Café, front", "FR"], [B, "", ""]]
    rows = [[f'"{cell}"' if "," in cell else cell for cell in line] for line in lines]
    listed = read(mark + end.join(between.join(row) for row in rows) + end)
    assert listed.bad == []
    first, second = listed.wishes
    assert (first.phone_number, first.fields["friendly_name"]) == (A, "Café, front")
    assert (first.fields["language"], second.fields["language"]) == ("fr", "en")
    assert second.fields["friendly_name"] is None


@pytest.mark.parametrize(
    "cell", [A, "19029052034", "9029052034", "(902) 905-2034", '"=""+19029052034"""', f"'{A}"]
)
def test_a_number_is_read_however_it_is_written(cell):
    assert [wish.phone_number for wish in read(f"phone_number\n{cell}\n").wishes] == [A]


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "The file is empty"),
        ("\n ;\n", 1, "The file is empty"),
        (b"PK\x03\x04...", 1, "the file of a spreadsheet program"),
        (HEAD.encode("utf-16"), 1, "in UTF-16"),
        ("number,name\n1,2\n", 1, "must name the columns"),
        ("phone_number,zip\n", 1, "There is no column zip"),
        ("phone_number,phone_number\n", 1, "stands there twice"),
        ("friendly_name\nA\n", 1, "phone_number is missing"),
        ('"phone_number\n', 1, "must name the columns"),
        (HEAD, 1, "has no numbers"),
        (HEAD + f"{A},A\n,B\n", 3, "The phone number is missing"),
        (HEAD + f"\n\n{A}\n", 4, "1 cells, the first line 2"),
        (HEAD + f"{A},A,B\n", 2, "3 cells, the first line 2"),
        (HEAD + "1.9029E+10,A\n", 2, "was shortened"),
        (HEAD + '"1,9029E+10",A\n', 2, "was shortened"),
        (HEAD + "=A1,A\n", 2, "is a formula"),
        (HEAD + f"{A},=1+1\n", 2, "is a formula"),
        (HEAD + f'{A},"two\nlines"\n', 2, "on one line"),
        (HEAD + f'{A},"two\nlines"\n,x\n', 2, "on one line"),
        (HEAD + f"{A},{'n' * 65}\n", 2, "at most 64"),
        (HEAD + f'{A},"never closed\n{B},B\n', 2, "quotation mark"),
        (HEAD + f'{A},"a"b\n', 2, "quotation mark"),
        (HEAD.encode() + A.encode() + b",caf\xe9\n", 2, "not in UTF-8"),
        (f"phone_number,email\n{A},x\n", 2, "no email address: x"),
        (f"phone_number,extension\n{A},12k\n", 2, "'k' at position 3"),
        (f"phone_number,language\n{A},de\n", 2, "must be one of en, fr, es"),
        (f"phone_number,address_sid\n{A},AD1\n", 2, "must be AD and 32"),
        (f"phone_number,sms_url\n{A},ftp://example.com\n", 2, "sms_url must be an http"),
        (f"phone_number,status_callback_url\n{A},http://127.0.0.1/\n", 2, "must not lead"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_line(text, line, told):
    assert (line, told) in [(line, told) for at, said in bad(text) if at == line and told in said]


def test_lines_behind_a_cell_of_many_lines_keep_their_place_in_the_file():
    assert bad(HEAD + f'{A},"a\nb\nc"\n{B},B\n,C\n') == [
        (2, "A name has at most 64 printable characters, on one line"),
        (6, "The phone number is missing"),
    ]


def test_good_lines_are_read_beside_bad_ones():
    listed = read(HEAD.encode() + f"{A},A\n".encode() + b"x,\xff\n" + f"{B},B\n\n{C},C\n".encode())
    assert [(wish.where, wish.phone_number) for wish in listed.wishes] == [
        ("line 2", A),
        ("line 4", B),
        ("line 6", C),
    ]


def test_everything_that_is_wrong_with_a_line_is_named_at_once():
    (one,) = read("phone_number,email,language\n,x,y\n").bad
    assert len(one.reasons) == 3


def test_empty_columns_beside_the_table_are_nothing():
    assert read(f"phone_number;friendly_name;;\n{A};A;;\n").bad == []


def test_what_our_exports_have_marked_as_text_is_read_back():
    (wish,) = read(HEAD + f"{A},'+1 desk\n").wishes
    assert wish.fields["friendly_name"] == "+1 desk"


def test_a_list_has_at_most_as_many_numbers_as_a_request():
    def lines(count):
        return "phone_number\n" + "".join(f"+1902{2340000 + n}\n" for n in range(count))

    assert len(read(lines(MOST_NUMBERS)).wishes) == MOST_NUMBERS
    listed = read(lines(MOST_NUMBERS + 1))
    assert listed.wishes == ()
    assert "at most 15000" in listed.bad[0].reasons[0]


def test_a_list_that_is_carried_through_a_page_is_read_the_same_again():
    text = "\ufeff" + HEAD.replace("\n", "\r\n") + f'{A},"x\r\ny"\r\n{B},é\r\n'
    once = read(text)
    again = read(once.text.replace("\n", "\r\n"))
    assert (again.wishes, again.bad) == (once.wishes, once.bad)


def test_the_columns_are_fields_of_an_order():
    (wish,) = read(",".join(COLUMNS) + f"\n{A}{',' * (len(COLUMNS) - 1)}\n").wishes
    assert {"phone_number", *wish.fields} == set(COLUMNS)
