"""Twilio's Numbers v3 ``/v3/HostedNumbers/HostedNumberOrders``: create, in camelCase both ways."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from verification.api.context import Context
from verification.api.operation import Asked, Operation
from verification.api.parameters import CreateOrder
from verification.api.preview_orders import PreviewOrder, PreviewOrders

PATH = "/v3/HostedNumbers/HostedNumberOrders"


class OrderV3(PreviewOrder):
    """An order as Preview shows it, its names in camelCase."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class CreateOrderV3(CreateOrder):
    """POST /v3/HostedNumbers/HostedNumberOrders."""

    model_config = ConfigDict(alias_generator=to_camel)


@dataclass(frozen=True, slots=True)
class NumbersV3Orders:
    """The operation of this file; v3 has no other."""

    context: Context

    def operations(self) -> list[Operation]:
        """The one of Twilio's Numbers v3."""
        return [Operation("create", "POST", PATH, self.create, CreateOrderV3, OrderV3, 201)]

    def create(self, asked: Asked) -> OrderV3:
        """Order a number."""
        order = PreviewOrders(self.context).create(asked)
        return OrderV3(**order.model_dump() | {"capabilities": order.capabilities})
