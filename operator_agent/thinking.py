"""Composition for models: which one plans, within which limits, and where what is asked of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from operator_agent.models.ledger import Ledgered
from operator_agent.models.limits import Limited
from operator_agent.models.traffic import FromRecord, Recorded

if TYPE_CHECKING:
    from operator_agent.flow.grant import Grant, Limits
    from operator_agent.models.client import ServedModel
    from operator_agent.models.computer import ComputerTool
    from operator_agent.models.port import Model
    from operator_agent.roles import Planner
    from operator_agent.settings import Points, Settings


class Thinking:
    """The model of one run: its planner, and the ledger of what it was asked. `write` keeps each request and reply."""

    def __init__(
        self,
        model: Model,
        limits: Limits,
        write: Callable[[dict[str, object]], None],
        *,
        points: Points = "",
        priced: bool | None = None,
    ) -> None:
        self._points: Points = points
        self._tool: ComputerTool | None = None
        if points == "tool" and not isinstance(model, FromRecord):
            from operator_agent.models.client import ServedModel
            from operator_agent.models.computer import ComputerTool

            assert isinstance(model, ServedModel)
            model = self._tool = ComputerTool(model)
        self.model = Ledgered(Limited(Recorded(model, write), limits, priced=priced))

    @property
    def sees(self) -> bool:
        """Its planner may want a picture of the page."""
        return bool(self._points) or self.model.sees

    def planner(self, vocabulary: frozenset[str], grant: Callable[[], Grant]) -> Planner:
        """A planner for one run."""
        if not self._points:
            from operator_agent.planner.model import ModelPlanner

            return ModelPlanner(self.model, vocabulary, grant)
        from operator_agent.planner.computer import ComputerPlanner

        accept = self._tool.accept if self._tool else None
        return ComputerPlanner(self.model, grant, space="pixels" if self._points == "tool" else self._points, accept=accept)


def served(settings: Settings) -> ServedModel:
    """The model the settings name. Raises UsageError for one that is not named in full."""
    from operator_agent.models.client import open_model

    return open_model(settings)
