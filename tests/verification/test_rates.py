"""How often somebody may come: windows, shares of processes, wrong sign-ins, orders of a number."""

import threading
from contextlib import closing
from dataclasses import replace

import pytest

from tests.conftest import NUMBER
from verification import accounts, bulk, gate, ordering, rates
from verification.gate import Gate, Rates
from verification.ordering import MONTH, Policy
from verification.rates import Count, Rate, TooOften
from verification.store import open_store
from verification.store.trouble import StoreBusy

MINUTE = Rate("requests of one account", 10, 60.0)


def counted(used, earlier=0):
    return Count("n", "s", 600.0, used, earlier, 720.0)


class TestWindows:
    @pytest.mark.parametrize(
        ("count", "now", "room"),
        [
            (counted(0), 600, 10),
            (counted(7), 600, 3),
            (counted(0, 10), 600, 0),
            (counted(0, 10), 630, 5),
            (counted(4, 10), 630, 1),
            (counted(0, 10), 660, 10),
        ],
    )
    def test_what_was_used_before_counts_by_its_share(self, count, now, room):
        assert rates.room(MINUTE, count, now) == room

    def test_who_waits_as_long_as_he_is_told_has_room_and_a_second_sooner_he_has_none(self):
        def room_at(count, now):
            return rates.room(MINUTE, rates._moved_on(MINUTE, "s", count, now), now)

        refused = 0
        for count in (counted(used, earlier) for used in range(12) for earlier in range(12)):
            if rates.room(MINUTE, count, 615.0) < 1:
                refused += 1
                wait = rates.wait(MINUTE, count, 615.0)
                assert room_at(count, 615.0 + wait) >= 1
                assert room_at(count, 615.0 + wait - 1) < 1
        assert refused > 50

    def test_a_clock_that_is_set_back_gives_nothing_anew(self, sqlite_store, clock):
        with sqlite_store.write() as tx:
            rates.take(tx, replace(MINUTE, most=1), "s", clock.time)
            with pytest.raises(TooOften):
                rates.take(tx, replace(MINUTE, most=1), "s", clock.time - 30)


def gates(office, allowed, number=1, caller=lambda: "192.0.2.7"):
    return [
        Gate(office.store, office.keyring, allowed, office.clock.now, caller, (StoreBusy,))
        for _ in range(number)
    ]


def passed(act, tries):
    """How many of so many tries pass."""
    done = 0
    for _ in range(tries):
        try:
            act()
        except TooOften:
            continue
        done += 1
    return done


class TestRequests:
    def test_several_processes_together_let_no_more_pass_than_one(self, office):
        several = gates(office, Rates(account=replace(MINUTE, most=100)), 3)
        done = 0
        for _ in range(60):
            done += sum(passed(lambda one=one: one.of_account("AC1"), 1) for one in several)
        assert done == 100
        assert passed(lambda: several[0].of_account("AC2"), 1) == 1

    def test_threads_of_several_processes_at_once_stay_within_it(self, office):
        several = gates(office, Rates(account=replace(MINUTE, most=50)), 4)
        done = []

        def ask(one):
            done.append(passed(lambda: one.of_account("AC1"), 30))
            office.store.close()

        threads = [threading.Thread(target=ask, args=(one,)) for one in several]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert 40 <= sum(done) <= 50

    def test_most_requests_do_not_write(self, sqlite_office):
        (one,) = gates(sqlite_office, Rates(account=replace(MINUTE, most=1000)))
        writes = 0
        real = one.store.write

        class Counting:
            def write(self):
                nonlocal writes
                writes += 1
                return real()

        one = replace(one, store=Counting())
        assert passed(lambda: one.of_account("AC1"), 500) == 500
        assert writes < 10
        assert passed(lambda: one.of_account("AC1"), 2000) == 500
        assert writes < 80  # and those that are refused write nothing

    def test_who_waits_as_he_was_told_is_let_in_again(self, sqlite_office):
        (one,) = gates(sqlite_office, Rates(address=replace(MINUTE, most=3)))
        passed(one.from_address, 3)
        with pytest.raises(TooOften, match="At most 3 requests of one account") as told:
            one.from_address()
        sqlite_office.clock.tick(told.value.retry_after - 1)
        assert passed(one.from_address, 1) == 0
        sqlite_office.clock.tick(1)
        assert passed(one.from_address, 1) == 1

    def test_a_store_that_cannot_be_written_turns_nobody_away(self, sqlite_office):
        class Busy:
            def write(self):
                raise StoreBusy("full")

        (one,) = gates(sqlite_office, Rates(account=MINUTE))
        assert passed(lambda: replace(one, store=Busy()).of_account("AC1"), 99) == 99

    def test_an_address_is_not_kept_and_an_ipv6_one_counts_as_its_network(self, sqlite_office):
        address = "2001:db8:1:2::1"
        (one,) = gates(
            sqlite_office, Rates(address=replace(MINUTE, most=2)), caller=lambda: address
        )
        one.from_address()
        address = "2001:db8:1:2:ffff::9"
        one.from_address()
        address = "2001:db8:1:3::1"
        one.from_address()
        address = "2001:db8:1:2::7"
        assert passed(one.from_address, 1) == 0
        with sqlite_office.store.read():
            rows = repr([*sqlite_office.store.dump("counts")[1]])
        assert "2001" not in rows
        assert gate.network("::ffff:192.0.2.7") == gate.network("192.0.2.7")


class TestWrongSignIns:
    ALLOWED = Rates(sign_ins=Rate("wrong sign-ins", 3, 300.0))

    def may(self, one, user=None):
        with one.store.read() as tx:
            try:
                one.may_sign_in(tx, user)
            except TooOften as refused:
                return refused.retry_after
        return True

    def test_an_address_that_tries_too_often_is_shut_out_for_a_while(self, office):
        (one,) = gates(office, self.ALLOWED)
        assert [one.wrong_sign_in(f"AC{n}") for n in range(3)] == [False, False, True]
        wait = self.may(one, "AC9")
        assert wait is not True
        office.clock.tick(wait)
        assert self.may(one, "AC9") is True

    def test_tries_from_many_addresses_shut_these_out_and_not_the_account(self, office):
        address = "192.0.2.1"
        (one,) = gates(office, self.ALLOWED, caller=lambda: address)
        for n in range(1, 4):
            address = f"192.0.2.{n}"
            assert self.may(one, "AC1") is True
            one.wrong_sign_in("AC1")
        assert self.may(one, "AC1") is not True
        assert self.may(one, "AC2") is True
        address = "198.51.100.7"  # the account itself, somewhere else
        assert self.may(one, "AC1") is True

    def test_where_the_address_is_not_known_the_account_alone_is_counted(self, sqlite_office):
        (one,) = gates(sqlite_office, self.ALLOWED, caller=lambda: None)
        for _ in range(3):
            one.wrong_sign_in("AC1")
        assert self.may(one, "AC1") is not True
        assert self.may(one, "AC2") is True


class TestOrdersOfANumber:
    POLICY = Policy(orders_per_number=2)

    def order(self, office, number=NUMBER, policy=POLICY):
        with office.store.write() as tx:
            return ordering.create(
                tx, office.account.sid, number, {}, office.clock.now(), policy=policy
            )

    def another(self, office):
        with office.store.write() as tx:
            account, _ = accounts.create(tx, office.keyring, "B", office.clock.now())
        return replace(office, account=account)

    def test_all_accounts_together_order_a_number_so_often_in_a_month(self, office):
        first = self.order(office)
        with office.store.write() as tx:
            ordering.delete(tx, first, office.clock.now())
        office.clock.tick(86_400)
        other = self.another(office)
        self.order(other)
        with pytest.raises(TooOften, match="At most 2 orders for one number") as told:
            self.order(self.another(office))
        assert abs(told.value.retry_after - (MONTH - 86_400)) <= 1
        assert self.order(office, "+12124567890")
        office.clock.tick(told.value.retry_after)
        assert self.order(self.another(office))

    def test_many_numbers_in_one_request_are_counted_alike(self, office):
        self.order(office, policy=None)
        self.order(self.another(office), policy=None)
        third = self.another(office)
        wishes = [
            bulk.Wish(number, number, {"address_sid": None}) for number in (NUMBER, "+12124567890")
        ]
        now = office.clock.now()
        with office.store.write() as tx, pytest.raises(bulk.Refused) as refused:
            bulk.create(tx, third.account.sid, bulk.check(wishes), None, None, now, self.POLICY)
        (fault,) = refused.value.faults
        assert (fault.wish.phone_number, type(fault.reason)) == (NUMBER, TooOften)


def test_the_counts_hold_over_processes(sqlite_office):
    path = f"sqlite:///{sqlite_office.store.path}"
    with closing(open_store(path)) as other:
        here, there = (
            replace(gates(sqlite_office, Rates(account=replace(MINUTE, most=2)))[0], store=store)
            for store in (sqlite_office.store, other)
        )
        here.of_account("AC1")
        there.of_account("AC1")
        assert passed(lambda: here.of_account("AC1"), 1) == 0
