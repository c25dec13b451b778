"""What is erased and when, what stays, on each engine."""

import re
from pathlib import Path

import pytest

from tests.conftest import CALL, NUMBER, count, run
from tests.verification import planted
from tests.verification.letter_office import Letters
from verification import (
    accounts,
    bulk,
    caller_ids,
    idempotency,
    operators,
    ordering,
    phone_bills,
    phone_numbers,
    rates,
    retention,
)
from verification.accounts import AccountStatus
from verification.operators import Role
from verification.rates import Rate
from verification.retention import DATABASE_DAYS, DAY, LATE_SECONDS, RULES, TABLES, Kind
from verification.retention_duties import ASLEEP_SECONDS, ExpiredDue, RetentionDue
from verification.statuses import Mover, Status
from verification.store.copying import TABLES as ALL_TABLES

KEEP = DATABASE_DAYS * DAY


class Nothing:
    """No mails and no backups beside the database."""

    def remove_before(self, time):
        return 0

    def remove(self, mail_ids):
        return 0

    def remove_old(self, now):
        return 0

    def new_file(self, now):
        return None

    def all(self):
        return []


@pytest.fixture
def duty(office):
    return RetentionDue(office.store, office.keyring, Nothing(), Nothing(), KEEP, office.clock.now)


@pytest.fixture
def letters(office):
    return Letters(office)


def move(office, order, status):
    with office.store.write() as tx:
        tx.orders.move_all([order.sid], status, None, office.clock.now())


def take_back(office, order):
    with office.store.write() as tx:
        ordering.delete(tx, tx.orders.get(order.sid), office.clock.now())


def traces(office, number=NUMBER):
    with office.store.read() as tx:
        return {
            trace.kind: trace for trace in tx.retention.traces(office.keyring.pseudonym(number))
        }


def test_every_column_of_every_table_stands_in_the_table_of_retention(store):
    assert set(TABLES) == set(ALL_TABLES)
    with store.read():
        for table in ALL_TABLES:
            columns, rows = store.dump(table)
            assert list(rows) is not None
            assert sorted(TABLES[table].columns) == sorted(columns), table


def test_every_kind_has_a_rule_and_an_end(store):
    assert set(RULES) == set(Kind)
    assert {held.kind for held in TABLES.values()} - {None} == set(Kind)
    with store.read() as tx:
        for kind in Kind:
            assert tx.retention.due(kind, 0.0, 1) == []
            assert tx.retention.count(kind).ended == 0


def test_an_order_that_was_taken_back_is_gone_after_its_days_and_not_before(office, duty):
    attempt = office.dialled(friendly_name="Zoe", status_callback_url="https://shop.example/a")
    order = office.order_of(attempt)
    with office.store.write() as tx:
        tx.attempts.save(attempt.__class__(**{**facts(attempt), "state": "done"}))
    take_back(office, order)
    office.clock.tick(KEEP - 1)
    duty.do()
    assert count(office.store, "orders") == 1
    office.clock.tick(1)
    duty.do()
    for table in ("orders", "attempts", "replies", "phone_numbers", "outbox", "endpoints"):
        assert count(office.store, table) == 0, table


def facts(record):
    return {name: getattr(record, name) for name in record.__slots__}


def test_what_stays_is_sid_dates_status_and_a_pseudonym_of_the_number(office, duty):
    order = office.order()
    take_back(office, order)
    ended = office.clock.now()
    office.clock.tick(KEEP)
    duty.do()
    found = traces(office)
    assert set(found) == {Kind.ORDER, Kind.NUMBER}
    trace = found[Kind.ORDER]
    assert (trace.sid, trace.status, trace.ended_at) == (order.sid, "received", ended)
    assert trace.account_sid == order.account_sid
    assert found[Kind.NUMBER].sid == order.incoming_phone_number_sid
    assert NUMBER[1:] not in str(run(office.store, "SELECT * FROM remains"))


def test_the_audit_trail_is_whole_after_the_purge_and_says_how_much_was_erased(office, duty):
    order = office.order()
    take_back(office, order)
    office.clock.tick(KEEP)
    duty.do()
    assert office.store.check() == []
    assert "erased: order: 1" in office.events(retention.TRAIL)
    assert "order deleted" in office.events(order.sid)


@pytest.mark.parametrize(
    "number", ["+19022345678", "19022345678", "902-234-5678", "(902) 234-5678", "902.234.5678"]
)
def test_what_is_typed_into_a_reason_names_nobody_in_the_trail(sqlite_office, number):
    office = sqlite_office
    kept = "CA" + "9022345678" * 3 + " since 2026-11-28 10:20:30, 1800000000"
    with office.store.write() as tx:
        reason = f"call {number} or Zoe.Roy+1@mail.example.org; {kept}"
        tx.audit.append(1.0, "operator", "", "HR1", "reason", reason)
    assert office.events("HR1") == [f"reason: call (number) or (address); {kept}"]
    assert office.store.check() == []


def test_the_documents_print_the_one_table_of_rules():
    page = (Path(__file__).parents[2] / "docs" / "retention.md").read_text(encoding="utf-8")
    for kind, rule in RULES.items():
        days = DATABASE_DAYS if rule.days is None else rule.days
        assert f"| {kind} | {days} | {rule.counts_from} |" in page


def test_taking_back_what_has_failed_does_not_begin_its_days_anew(office, duty):
    order = office.order()
    move(office, order, Status.FAILED)
    office.clock.tick(KEEP - DAY)
    take_back(office, order)
    office.clock.tick(DAY)
    duty.do()
    assert count(office.store, "orders") == 0


def test_an_order_whose_call_has_not_ended_stays(office, duty):
    attempt = office.dialled()
    take_back(office, office.order_of(attempt))
    office.clock.tick(KEEP)
    duty.do()
    assert count(office.store, "orders") == count(office.store, "attempts") == 1


def test_a_number_in_use_stays_with_its_order_letter_and_address(letters, duty):
    office = letters.office
    document = letters.sign(letters.out(1))
    with office.store.read() as tx:
        (order,) = tx.documents.orders_of(document.sid)
    move(office, order, Status.COMPLETED)
    with office.store.write() as tx:
        number = tx.phone_numbers.get(order.incoming_phone_number_sid)
        phone_numbers.put_in_use(tx, number, office.clock.now())
    office.clock.tick(1000 * DAY)
    duty.do()
    for table in ("orders", "phone_numbers", "documents", "letters", "addresses"):
        assert count(office.store, table) == 1, table
    assert count(office.store, "mails") == 0
    with office.store.write() as tx:
        phone_numbers.release(tx, tx.phone_numbers.get(number.sid), office.clock.now())
    office.clock.tick(phone_numbers.RELEASED_SECONDS)
    with office.store.write() as tx:
        phone_numbers.let_go(tx, number.sid, office.clock.now())
    office.clock.tick(KEEP)
    duty.do()
    for table in ("orders", "phone_numbers", "documents", "letters", "addresses"):
        assert count(office.store, table) == 0, table


def test_the_last_callback_of_a_living_order_stays_and_the_others_go(office, duty):
    order = office.order(status_callback_url="https://shop.example/a")
    office.request_call(order)
    assert count(office.store, "outbox") == 2
    office.clock.tick(KEEP)
    duty.do()
    with office.store.read() as tx:
        (last,) = tx.outbox.of_object(order.sid)
    assert last.event == "order.pending-verification"
    assert count(office.store, "endpoints") == 1


def test_caller_ids_go_when_they_were_deleted_and_not_while_they_are_verified(office, duty):
    held = office.dialled()  # the order's; it must not matter here
    with office.store.write() as tx:
        made = caller_ids.CallerId(
            "PN" + "1" * 32, office.account.sid, NUMBER, "Zoe", caller_ids.CallerIdStatus.VERIFIED,
            office.clock.now(), office.clock.now(),
        )  # fmt: skip
        tx.caller_ids.insert(made)
    office.clock.tick(2 * KEEP)
    duty.do()
    assert count(office.store, "caller_ids") == 1
    with office.store.write() as tx:
        caller_ids.delete(tx, made, Mover.CUSTOMER, office.clock.now())
    office.clock.tick(KEEP)
    duty.do()
    assert count(office.store, "caller_ids") == 0
    assert traces(office)[Kind.CALLER_ID].status == "verified"
    assert held.call_sid == CALL


def test_a_bill_that_was_decided_on_goes_though_its_number_is_in_use(office, duty):
    with office.store.write() as tx:
        bill = phone_bills.upload(
            tx, office.keyring, office.account.sid, b"%PDF-1.4 %%EOF", office.clock.now()
        )
    order = office.order(verification_type="phone-bill", verification_document_sid=bill.sid)
    office.clock.tick(2 * KEEP)
    duty.do()
    assert count(office.store, "document_contents") == 1  # its order still waits for it
    with office.store.write() as tx:
        phone_bills.accept(tx, bill, order.phone_number, office.clock.now())
    office.clock.tick(KEEP)
    duty.do()
    assert count(office.store, "phone_bills") == count(office.store, "document_contents") == 0
    assert count(office.store, "orders") == 1


def test_requests_for_many_numbers_go(office, duty):
    with office.store.write() as tx:
        asked = bulk.Bulk(
            "BH" + "1" * 32, office.account.sid, 1.0, 1, "Zoe", "zoe@example.com", 2.0
        )
        tx.bulks.insert(asked)
    duty.do()
    assert count(office.store, "bulk_orders") == 0


def test_a_closed_account_keeps_its_sid_and_no_name(office, duty):
    with office.store.write() as tx:
        account, _ = accounts.create(tx, office.keyring, "Zoe's shop", office.clock.now())
        accounts.create_key(tx, office.keyring, account, "Zoe's laptop", office.clock.now())
        accounts.set_status(tx, account, AccountStatus.CLOSED, office.clock.now())
    office.clock.tick(KEEP)
    duty.do()
    with office.store.read() as tx:
        closed = tx.accounts.get(account.sid)
        assert (closed.name, closed.status) == ("", AccountStatus.CLOSED)
        assert tx.accounts.get(office.account.sid).name == office.account.name
        assert accounts.authenticate(tx, office.keyring, account.sid, "") is None
    assert count(office.store, "api_keys") == 0
    assert office.store.check() == []


def test_what_expires_by_itself_goes_at_once(office, duty):
    now = office.clock.now()
    with office.store.write() as tx:
        tx.suppressions.add(NUMBER, now + 5)
        operator = operators.create(tx, "ann", Role.VIEWER, now)
        tx.operators.add_session("a", operator.sid, now + 5)
        tx.operators.add_link("b", operator.sid, now + 5)
    duty.do()
    tables = ("suppressions", "operator_sessions", "operator_links")
    assert [count(office.store, table) for table in tables] == [1, 1, 1]
    office.clock.tick(5)
    duty.do()
    assert [count(office.store, table) for table in tables] == [0, 0, 0]


def test_the_answer_to_a_keyed_request_goes_after_a_day(office, duty):
    with office.store.write() as tx:
        idempotency.begin(tx, office.keyring, "k", office.account.sid, "r", office.clock.now())
    office.clock.tick(DAY - 1)
    duty.do()
    assert count(office.store, "answers") == 1
    office.clock.tick(1)
    duty.do()
    assert count(office.store, "answers") == 0


def test_counts_of_rates_go_when_nothing_depends_on_them_in_slices(office, duty, monkeypatch):
    monkeypatch.setattr(retention, "SLICE", 3)
    with office.store.write() as tx:
        for subject in range(7):
            rates.take(tx, Rate("requests", 10, 60.0), str(subject), office.clock.now())
    office.clock.tick(60)
    duty.do()
    assert count(office.store, "counts") == 7
    office.clock.tick(60)
    duty.do()
    assert count(office.store, "counts") == 0


def test_counts_of_ever_new_addresses_are_as_many_as_came_in_the_last_minutes(office, monkeypatch):
    monkeypatch.setattr(retention, "SLICE", 3)
    duty, most = ExpiredDue(office.store, office.clock.now), 0
    for minute in range(30):  # the hourly round does not come in between
        with office.store.write() as tx:
            for visitor in range(5):
                taken = Rate("requests from one address", 10, 60.0)
                rates.take(tx, taken, f"{minute}.{visitor}", office.clock.now())
        most = max(most, count(office.store, "counts"))
        office.clock.tick(duty.idle_seconds)
        while duty.do():
            pass
    assert most == 2 * 5


def test_where_nothing_is_over_the_minutely_look_takes_no_lock(office):
    duty = ExpiredDue(office.store, office.clock.now)
    with office.store.write() as tx:
        rates.take(tx, Rate("requests", 10, 60.0), "a", office.clock.now())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(office.store), "write", None)
        assert not duty.do()
    office.clock.tick(120)
    duty.do()
    assert count(office.store, "counts") == 0


def test_a_round_that_ended_lately_is_taken_at_its_word(office, duty):
    duty.do()
    with office.store.read() as tx:
        tx.retention.overdue = None
        kept = retention.keeping(tx, KEEP, office.clock.now() + LATE_SECONDS, trusting=True)
        assert not any(kept.overdue.values())


def test_what_is_overdue_is_counted_by_kind_and_nothing_else_is(office, duty):
    duty.do()
    order, purged_at = office.order(), office.clock.now()
    take_back(office, order)
    office.clock.tick(KEEP + LATE_SECONDS - 1)

    def kept():
        with office.store.read() as tx:
            return retention.keeping(tx, KEEP, office.clock.now())

    assert not any(kept().overdue.values())
    office.clock.tick(1)
    overdue = {kind: count for kind, count in kept().overdue.items() if count}
    assert overdue == {Kind.NUMBER: 1}  # its order goes after it
    assert kept().purged_at == purged_at
    duty.do()
    assert (kept().purged_at, any(kept().overdue.values())) == (office.clock.now(), False)


def test_many_rows_are_erased_in_slices(letters, duty, monkeypatch):
    monkeypatch.setattr(retention, "SLICE", 3)
    office = letters.office
    for order in letters.verified(7):
        take_back(office, order)
    office.clock.tick(KEEP)
    duty.do()
    assert count(office.store, "orders") == 0
    events = [event for event in office.events(retention.TRAIL) if "order" in event]
    assert events == ["erased: order: 3", "erased: order: 3", "erased: order: 1"]


def test_a_database_that_was_asleep_is_purged_before_it_serves(office, duty):
    take_back(office, office.order())
    office.clock.tick(KEEP)
    duty.before_serving()
    assert count(office.store, "orders") == 0


def test_one_that_is_purged_each_hour_is_not_purged_at_each_start(office, duty):
    duty.do()
    take_back(office, office.order())
    office.clock.tick(ASLEEP_SECONDS)
    run(office.store, "UPDATE orders SET deleted_at = 1 RETURNING 1")
    duty.before_serving()
    assert count(office.store, "orders") == 1
    office.clock.tick(1)
    duty.before_serving()
    assert count(office.store, "orders") == 0


def test_the_report_tells_what_is_in_use_and_when_the_next_of_the_rest_goes(office, duty):
    office.order()
    office.clock.tick(5)
    take_back(office, office.order("+19022345678"))
    with office.store.read() as tx:
        told = {one.kind: one for one in retention.report(tx, KEEP)}
    orders = told[Kind.ORDER]
    assert (orders.held, orders.in_use) == (2, 2)  # its number goes first
    numbers = told[Kind.NUMBER]
    assert (numbers.held, numbers.in_use) == (2, 1)
    assert numbers.next_at == office.clock.now() + KEEP


def test_postgres_statistics_keep_no_number_of_an_erased_row(postgres_office):
    letters, office = Letters(postgres_office), postgres_office
    made = letters.verified(300)
    office.store.sweep(False)
    sql = "SELECT histogram_bounds::text FROM pg_stats WHERE tablename = 'orders'"
    assert re.search(r"\+1902234", str(run(office.store, sql)))  # the planner knows numbers
    for order in made:
        take_back(office, order)
    office.clock.tick(KEEP)
    nothing = Nothing()
    RetentionDue(office.store, office.keyring, nothing, nothing, KEEP, office.clock.now).do()
    assert not re.search(r"\+1902234", str(run(office.store, sql)))
    assert run(office.store, "SELECT pg_relation_size('orders')") == [(0,)]


@pytest.mark.parametrize(
    "encoded",
    [
        planted.name(7).encode(),
        planted.name(7).encode("latin-1"),
        planted.name(7).encode("utf-16-le"),
        b"x" + planted.name(7).encode("utf-16-be"),
        b'"Zo\\u00e9-' + planted.code(7).encode(),
        planted.number(7).encode(),
        planted.number(7)[1:].encode("utf-16"),
        b"(902) 234-0007",
        b"1-902-234-0007",
    ],
)
def test_the_scan_finds_every_form_of_a_planted_person(encoded):
    assert planted.within(b"\x00abc" + encoded + b"\x00") == {7}
    assert planted.within(b"\x00abc" + encoded[:-1].replace(b"7", b"\x01") + b"\x00") != {8}
