from collections.abc import Callable
from typing import Any, TypeVar

from apispec import APISpec
from flask import Blueprint as FlaskBlueprint
from flask import Flask, Response
from webargs.flaskparser import FlaskParser

_View = TypeVar("_View", bound=Callable[..., Any])

class Blueprint(FlaskBlueprint):
    ARGUMENTS_PARSER: FlaskParser
    _docs: dict[str, dict[str, Any]]
    _prepare_doc_cbks: list[Callable[..., dict[str, Any]]]

    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def arguments(
        self, schema: Any, *, location: str = "json", **kwargs: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]: ...
    def response(
        self, status_code: int, schema: Any = None, **kwargs: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Response]]: ...
    def alt_response(
        self, status_code: int, response: str | None = None, **kwargs: Any
    ) -> Callable[[_View], _View]: ...
    @staticmethod
    def doc(**kwargs: Any) -> Callable[[_View], _View]: ...
    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any) -> None: ...

class Api:
    spec: APISpec

    def __init__(self, app: Flask, *, spec_kwargs: dict[str, Any]) -> None: ...
    def register_field(self, field: type, *args: str) -> None: ...
    def register_blueprint(self, blp: Blueprint, **options: Any) -> None: ...
    def _register_error_handlers(self) -> None: ...
    def _register_responses(self) -> None: ...
