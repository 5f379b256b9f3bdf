"""Run an analysts' query."""

import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from app import context, parquet
from app.errors import BadQuery
from graph.errors import NotFound
from graph.store import analysis
from graph.store.analysis import Analysis
from graph.transaction import Transaction

#: The parameter that a caller cannot give: it follows from the key.
TENANT = "tenant"
#: The parameter that is taken in any form, and sought in the one that the tenant keeps.
ADDRESS = "address"
#: The most rows of an answer, which is made whole in memory.
ROWS_MAX = 10_000


def listed() -> list[Analysis]:
    """Return all queries, without the parameter that follows from the key."""
    return [_of_key(analysis.find(name)) for name in analysis.names()]


def run(name: str, given: Mapping[str, str]) -> tuple[Analysis, Sequence[dict[str, Any]]]:
    """Return a query and its rows for the tenant of the key.

    Raises:
        NotFound: There is no such query.
        BadQuery: A parameter is unknown, missing, or not of its type.
    """
    if name not in analysis.names():
        raise NotFound(f"there is no such query: there are {', '.join(analysis.names())}", code="query_not_found")
    asked = _of_key(analysis.find(name))
    try:
        arguments = asked.arguments(given)
    except ValueError as error:
        raise BadQuery({name: [str(error)]}) from error
    if ADDRESS in arguments:
        # What is no address may be one in the tenant's form already: a keyed one, as a graph shows it.
        with suppress(ValueError):
            arguments = {**arguments, ADDRESS: context.kept_address(arguments[ADDRESS])}
    if arguments["limit"] > ROWS_MAX:
        raise BadQuery({"limit": [f"at most {ROWS_MAX} rows are answered; python -m app query answers more"]})
    return asked, context.graph().read(_ask, asked, arguments)


def require_parquet() -> None:
    """Raise `BadQuery` if the service has no pyarrow, before the query runs."""
    try:
        parquet.require()
    except parquet.NoParquet as error:
        raise BadQuery({"format": [f"This service cannot write it. {error}"]}) from None


def as_parquet(asked: Analysis, rows: Sequence[dict[str, Any]]) -> bytes:
    """Return the rows of a query as a file of Parquet."""
    file = io.BytesIO()
    parquet.write(file, asked.types, [rows])
    return file.getvalue()


def _ask(tx: Transaction, asked: Analysis, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
    return analysis.ask(tx, asked, {**arguments, TENANT: tx.tenant})


def _of_key(asked: Analysis) -> Analysis:
    return replace(asked, parameters=tuple(each for each in asked.parameters if each.name != TENANT))
