"""The tables, as numbered migrations in the SQL that SQLite and PostgreSQL share.

``{bytes}`` stands for the engine's type of binary values. A migration that has been released is
never changed: a new one follows it.
"""

from __future__ import annotations

from verification.store.migrations import (
    accounts,
    addresses,
    bulk,
    callbacks,
    caller_ids,
    console_pages,
    credentials,
    dialling,
    eligibility,
    hosting,
    numbers_v2,
    operators,
    owner_links,
    phone_bills,
    proofs,
    rates,
    retention,
    signing,
    spine,
    watching,
)

MIGRATIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("0001_spine", spine.STATEMENTS),
    ("0002_accounts", accounts.STATEMENTS),
    ("0003_addresses", addresses.STATEMENTS),
    ("0004_numbers_v2", numbers_v2.STATEMENTS),
    ("0005_caller_ids", caller_ids.STATEMENTS),
    ("0008_callbacks", callbacks.STATEMENTS),
    ("0009_bulk", bulk.STATEMENTS),
    ("0010_eligibility", eligibility.STATEMENTS),
    ("0011_phone_bills", phone_bills.STATEMENTS),
    ("0012_signing", signing.STATEMENTS),
    ("0013_hosting", hosting.STATEMENTS),
    ("0014_proofs", proofs.STATEMENTS),
    ("0016_operators", operators.STATEMENTS),
    ("0018_dialling", dialling.STATEMENTS),
    ("0023_owner_links", owner_links.STATEMENTS),
    ("0024_rates", rates.STATEMENTS),
    ("0024_retention", retention.STATEMENTS),
    ("0027_console_pages", console_pages.STATEMENTS),
    ("0028_credentials", credentials.STATEMENTS),
    ("0029_watching", watching.STATEMENTS),
)
