"""Every page of the console: one list for all that must hold on each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from verification.operators import Role

ORDERS = "/console/orders"


@dataclass(frozen=True)
class Page:
    """A page: its endpoint, who may see it, its path; ``sids`` are filled into that by name."""

    endpoint: str
    role: Role
    path: str

    def at(self, **sids: str) -> str:
        return self.path.format(**sids)


# With an order, its number and a bulk request there is something on each of them.
PAGES = (
    Page("orders", Role.VIEWER, ORDERS),
    Page("order", Role.VIEWER, ORDERS + "/{order}"),
    Page("new_order", Role.OPERATOR, f"{ORDERS}/new"),
    Page("many_orders", Role.OPERATOR, f"{ORDERS}/many"),
    Page("bulk", Role.VIEWER, ORDERS + "/many/{bulk}"),
    Page("letters", Role.VIEWER, "/console/letters"),
    Page("callbacks", Role.VIEWER, "/console/callbacks"),
    Page("numbers", Role.VIEWER, "/console/numbers"),
    Page("number", Role.VIEWER, "/console/numbers/{number}"),
)
# What a GET gives that is no page for people to look at.
FILES = (
    Page("home", Role.VIEWER, "/console"),
    Page("export", Role.VIEWER, f"{ORDERS}.csv"),
    Page("list_template", Role.OPERATOR, f"{ORDERS}/many/template.csv"),
    Page("bulk_results", Role.VIEWER, ORDERS + "/many/{bulk}.csv"),
)
# What an order has only once it is verified.
CERTIFICATES = (
    Page("certificate", Role.VIEWER, ORDERS + "/{order}/certificate"),
    Page("certificate_pdf", Role.VIEWER, ORDERS + "/{order}/certificate.pdf"),
    Page("certificate_jws", Role.VIEWER, ORDERS + "/{order}/certificate.jws"),
)


def some(tx: Any) -> dict[str, str]:
    """The SIDs of an order, of its number and of a bulk request that a database has."""
    found = {}
    for name, sql in (
        ("order", "SELECT sid FROM orders ORDER BY created_at LIMIT 1"),
        ("number", "SELECT incoming_phone_number_sid FROM orders ORDER BY created_at LIMIT 1"),
        ("bulk", "SELECT sid FROM bulk_orders LIMIT 1"),
    ):
        row = tx._execute(sql).fetchone()
        found[name] = row[0] if row else "none"
    return found
